import { selectorOf, type LabelSelector, type StringMap } from '../../kube/index.ts';
import { isReadable, selectorFor } from '../selectors.ts';

/** Which labels a selector is asked about, and how sentences name both. */
export interface SelectorQuestion {
  /** The selector's place: `from[0].podSelector`. */
  readonly at: string;
  /** Whose labels: `pod default/web`. */
  readonly who: string;
  readonly labels: StringMap;
}

/** What is said of a selector with an operator that labels do not have. */
const unreadable = 'has an operator that is not known here: it matches nothing';

/** Why the selector does not match, by its first term that fails; `undefined` when it matches. */
export function selectorMiss(
  selector: LabelSelector,
  { at, who, labels }: SelectorQuestion,
): string | undefined {
  if (!isReadable(selector)) return `${at} ${unreadable}`;
  const failing = selectorFor(selector).requirements.find(
    (term) => !selectorOf([term]).matches(labels),
  );
  if (failing === undefined) return undefined;
  const value = labels[failing.key];
  const has = value === undefined ? `no label ${failing.key}` : `${failing.key}=${value}`;
  return `${at} wants ${selectorOf([failing]).toText()}, ${who} has ${has}`;
}
