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

type Compiler = (key: string, values: readonly string[]) => Term;

/** NotIn and `!=` also match objects without the key; Gt and Lt only those whose value is a number. */
const compilers: Readonly<Record<SelectorOperator, Compiler>> = {
  In: (key, values) => {
    const set = new Set(values);
    return ({ [key]: value }) => value !== undefined && set.has(value);
  },
  NotIn: (key, values) => {
    const set = new Set(values);
    return ({ [key]: value }) => value === undefined || !set.has(value);
  },
  Exists: (key) => (labels) => Object.hasOwn(labels, key),
  DoesNotExist: (key) => (labels) => !Object.hasOwn(labels, key),
  Gt: (key, [bound]) => compareTerm(key, bound, (value, bound) => value > bound),
  Lt: (key, [bound]) => compareTerm(key, bound, (value, bound) => value < bound),
};

function compareTerm(
  key: string,
  bound: string | undefined,
  holds: (value: bigint, bound: bigint) => boolean,
): Term {
  if (!isInteger(bound)) return () => false;
  const limit = BigInt(bound);
  return ({ [key]: value }) => isInteger(value) && holds(BigInt(value), limit);
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^-?\d+$/.test(text);
}

type Printer = (key: string, list: string, isSingle: boolean) => string;

const printers: Readonly<Record<SelectorOperator, Printer>> = {
  In: (key, list, isSingle) => (isSingle ? `${key}=${list}` : `${key} in (${list})`),
  NotIn: (key, list, isSingle) => (isSingle ? `${key}!=${list}` : `${key} notin (${list})`),
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
  Gt: (key, list) => `${key}>${list}`,
  Lt: (key, list) => `${key}<${list}`,
};

/** What a table has for an operator; objects that nobody validated may have any text there. */
function find<T>(table: Readonly<Record<SelectorOperator, T>>, operator: string): T | undefined {
  return Object.hasOwn(table, operator) ? table[operator as SelectorOperator] : undefined;
}

function compile({ key, operator, values }: Requirement): Term {
  return find(compilers, operator)?.(key, values) ?? (() => false);
}

function termText({ key, operator, values }: Requirement): string {
  const list = values.toSorted().join(',');
  const print = find(printers, operator);
  return print?.(key, list, values.length === 1) ?? `${key} ${operator} (${list})`;
}

const noLabels: StringMap = {};

/** Compiles terms; none at all match everything, and one with an operator that does not exist matches nothing. */
export function selectorOf(requirements: readonly Requirement[]): Selector {
  const terms = requirements.map(compile);
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

/** Those of a LabelSelector; `Gt` and `Lt` are for nodes alone. */
const labelOperators: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);

/**
 * `meta/v1 LabelSelector`: the empty selector matches everything, an absent one nothing. So does one with an operator
 * that labels do not have: the API server refuses such a selector, but not where a CustomResourceDefinition lets it pass.
 */
export function compileSelector(selector: LabelSelector | undefined): Selector {
  if (selector === undefined) return nothing;
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }): Requirement => ({ key, operator, values: values ?? [] }),
  );
  const compiled = selectorOf([...labelTerms(selector.matchLabels), ...expressions]);
  const isReadable = expressions.every(({ operator }) => labelOperators.has(operator));
  return isReadable ? compiled : { ...compiled, isNothing: true, matches: () => false };
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
