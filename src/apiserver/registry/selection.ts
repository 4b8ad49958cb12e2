import {
  compileFieldSelector,
  parseFieldSelector,
  parseSelector,
  type AnyObject,
  type KindDefinition,
} from '../../kube/index.ts';

/** The selectors of a request, in their text form; absent and empty select everything. */
export interface SelectorTexts {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** Both selectors of a request, compiled once. */
export interface Selection {
  readonly isEverything: boolean;
  /** Set when the field selector names one object, which is then read without a scan. */
  readonly name: string | undefined;
  matches(object: AnyObject): boolean;
}

const everything: Selection = { isEverything: true, name: undefined, matches: () => true };

function selectedName(fieldSelector: string): string | undefined {
  if (fieldSelector === '') return undefined;
  return parseFieldSelector(fieldSelector).find(
    ({ field, isNegated }) => field === 'metadata.name' && !isNegated,
  )?.value;
}

/** @throws ApiError `BadRequest` when a selector does not parse or names a field the kind does not offer. */
export function compileSelection(
  kind: KindDefinition,
  { labelSelector = '', fieldSelector = '' }: SelectorTexts,
): Selection {
  if (labelSelector === '' && fieldSelector === '') return everything;
  const labels = parseSelector(labelSelector);
  const fields = compileFieldSelector(kind, fieldSelector);
  return {
    isEverything: false,
    name: selectedName(fieldSelector),
    matches: (object) => labels.matches(object.metadata.labels) && fields(object),
  };
}
