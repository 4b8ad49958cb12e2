import {
  compileSelector,
  namespaceNameLabel,
  type LabelSelector,
  type Namespace,
  type Selector,
  type StringMap,
} from '../kube/index.ts';

const compiled = new WeakMap<LabelSelector, Selector>();

/** The selector, compiled once for each object: objects of the API never change. */
export function selectorFor(selector: LabelSelector): Selector {
  const known = compiled.get(selector);
  if (known !== undefined) return known;
  const made = compileSelector(selector);
  compiled.set(selector, made);
  return made;
}

/** Whether every operator of the selector is one that labels have; one that is not matches nothing. */
export function isReadable(selector: LabelSelector): boolean {
  return !selectorFor(selector).isNothing;
}

/** The labels that selectors see of a namespace: its name is always among them (row 37). */
export function namespaceLabels(
  namespaces: ReadonlyMap<string, Namespace>,
  name: string,
): StringMap {
  return { ...namespaces.get(name)?.metadata.labels, [namespaceNameLabel]: name };
}
