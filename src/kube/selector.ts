import type { LabelSelector, StringMap } from './meta.ts';

export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';

/** One term of a selector; all terms must hold. */
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

/** A selector compiled once, to be asked many times. */
export interface Selector {
  readonly requirements: readonly Requirement[];
  /** True when no label set can match. */
  readonly isNothing: boolean;
  matches(labels: StringMap | undefined): boolean;
  /** The form that `kubectl -l` takes: `app=web,tier in (a,b),!canary`. */
  toText(): string;
}

type Term = (labels: StringMap) => boolean;

/** NotIn and `!=` also match objects without the key; Gt and Lt only those whose value is a number. */
function compileTerm({ key, operator, values }: Requirement): Term {
  const first = values[0] ?? '';
  const set = new Set(values);
  switch (operator) {
    case 'In':
      if (values.length === 1) return (labels) => labels[key] === first;
      return (labels) => labels[key] !== undefined && set.has(labels[key]);
    case 'NotIn':
      return (labels) => labels[key] === undefined || !set.has(labels[key]);
    case 'Exists':
      return (labels) => labels[key] !== undefined;
    case 'DoesNotExist':
      return (labels) => labels[key] === undefined;
    case 'Gt':
      return (labels) => isInteger(labels[key]) && BigInt(labels[key] ?? '') > BigInt(first);
    case 'Lt':
      return (labels) => isInteger(labels[key]) && BigInt(labels[key] ?? '') < BigInt(first);
  }
}

function isInteger(text: string | undefined): boolean {
  return text !== undefined && /^-?\d+$/.test(text);
}

function termText({ key, operator, values }: Requirement): string {
  const list = [...values].sort().join(',');
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${list}` : `${key} in (${list})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${list}` : `${key} notin (${list})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'Gt':
      return `${key}>${list}`;
    case 'Lt':
      return `${key}<${list}`;
  }
}

const noLabels: StringMap = {};

/** Compiles terms; none at all match everything. */
export function selectorOf(requirements: readonly Requirement[]): Selector {
  const terms = requirements.map(compileTerm);
  return {
    requirements,
    isNothing: false,
    matches: (labels = noLabels) => terms.every((term) => term(labels)),
    toText: () =>
      requirements
        .toSorted((one, two) => (one.key < two.key ? -1 : 1))
        .map(termText)
        .join(','),
  };
}

export const everything: Selector = selectorOf([]);

export const nothing: Selector = {
  requirements: [],
  isNothing: true,
  matches: () => false,
  toText: () => '',
};

function labelTerms(labels: StringMap | undefined): Requirement[] {
  return Object.entries(labels ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
}

/** `meta/v1 LabelSelector`: the empty selector matches everything, an absent one nothing. */
export function compileSelector(selector: LabelSelector | undefined): Selector {
  if (selector === undefined) return nothing;
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }): Requirement => ({ key, operator, values }),
  );
  return selectorOf([...labelTerms(selector.matchLabels), ...expressions]);
}

/** The selector of a Service or ReplicationController: a plain map, of which none or an empty one selects nothing. */
export function compileMapSelector(labels: StringMap | undefined): Selector {
  const terms = labelTerms(labels);
  return terms.length === 0 ? nothing : selectorOf(terms);
}

/** A LabelSelector as columns print it; `<none>` when it has no terms. */
export function formatSelector(selector: LabelSelector | undefined): string {
  const text = compileSelector(selector).toText();
  return text === '' ? '<none>' : text;
}
