/** The JSONPath of printer columns and scale subresources: `.status.conditions[?(@.type=="Ready")].status`. */

/** One step from a value to zero or more values. */
type Step = (value: unknown) => unknown[];

function field(name: string): Step {
  return (value) => {
    const isContainer = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return isContainer ? [(value as Record<string, unknown>)[name]] : [];
  };
}

function element(index: number): Step {
  return (value) => {
    const item: unknown = Array.isArray(value) ? value.at(index) : undefined;
    return item === undefined ? [] : [item];
  };
}

const every: Step = (value) => {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
};

type Comparison = (left: unknown, right: unknown) => boolean;

const comparisons: Readonly<Record<string, Comparison>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => Number(left) < Number(right),
  '>': (left, right) => Number(left) > Number(right),
  '<=': (left, right) => Number(left) <= Number(right),
  '>=': (left, right) => Number(left) >= Number(right),
};

/** `@.type=="Ready"`: the elements for which it holds. */
function filter(text: string): Step | undefined {
  const parts = /^\s*@(\.[^=!<>\s]+)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$/.exec(text);
  const [, path = '', operator = '', literal = ''] = parts ?? [];
  const steps = compileSteps(path);
  const compare = comparisons[operator];
  const wanted = readLiteral(literal);
  if (parts === null || steps === undefined || compare === undefined) return undefined;
  return (value) =>
    Array.isArray(value)
      ? value.filter((item) => run(steps, item).some((found) => compare(found, wanted)))
      : [];
}

function readLiteral(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  if (quoted !== null) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  return Number(text);
}

/** What stands between brackets. */
function bracket(text: string): Step | undefined {
  if (text === '*') return every;
  if (/^-?\d+$/.test(text)) return element(Number(text));
  const quoted = /^(["'])(.*)\1$/.exec(text)?.[2];
  if (quoted !== undefined) return field(quoted);
  const condition = /^\?\((.*)\)$/.exec(text)?.[1];
  return condition === undefined ? undefined : filter(condition);
}

const token = /\.((?:\\.|[^.[\\])+)|\[((?:"[^"]*"|'[^']*'|[^\]"'])*)\]/y;

function compileSteps(path: string): Step[] | undefined {
  const steps: Step[] = [];
  token.lastIndex = 0;
  let position = 0;
  while (position < path.length) {
    token.lastIndex = position;
    const match = token.exec(path);
    if (match === null) return undefined;
    position = token.lastIndex;
    const [, name, inside] = match;
    const step = name === undefined ? bracket(inside ?? '') : named(name);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return steps;
}

function named(name: string): Step {
  return name === '*' ? every : field(name.replaceAll(/\\(.)/g, '$1'));
}

function run(steps: readonly Step[], value: unknown): unknown[] {
  return steps.reduce<unknown[]>((values, step) => values.flatMap(step), [value]);
}

/** Finds the values at a path; none when the path leads nowhere. */
export type JsonPath = (object: unknown) => unknown[];

/** Compiles a path, with or without braces around it; undefined when it is not understood. */
export function compileJsonPath(text: string): JsonPath | undefined {
  const path = text
    .trim()
    .replace(/^\{(.*)\}$/, '$1')
    .replace(/^\$/, '');
  const steps = compileSteps(path === '' || /^[.[]/.test(path) ? path : `.${path}`);
  return steps === undefined ? undefined : (object) => run(steps, object);
}
