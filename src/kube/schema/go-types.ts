import type { FieldType, ScalarKind } from './contract.ts';

const goScalars: Readonly<Record<ScalarKind, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  bytes: '[]uint8',
  time: 'string',
  microTime: 'string',
  intOrString: 'int32',
  quantity: 'string',
  rawExtension: 'runtime.RawExtension',
  any: 'interface {}',
};

/** The Go type as `encoding/json` prints it: `int32`, `[]v1.ServicePort`, `map[string]string`. */
export function goTypeOf(type: FieldType): string {
  switch (type.kind) {
    case 'object':
      return type.schema.split('.').slice(-2).join('.');
    case 'array':
      return `[]${goTypeOf(type.items)}`;
    case 'map':
      return `map[string]${goTypeOf(type.values)}`;
    default:
      return goScalars[type.kind];
  }
}

/** What Go's decoder calls a JSON value in its errors. */
export function describeJson(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' ? 'number' : typeof value;
}

const quantityPattern = /^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const integerLimits: Readonly<Record<'int32' | 'int64', number>> = {
  int32: 2 ** 31,
  int64: 2 ** 63,
};

function integerProblem(value: unknown, kind: 'int32' | 'int64'): string | undefined {
  if (typeof value !== 'number') return 'mismatch';
  const limit = integerLimits[kind];
  const fits = Number.isInteger(value) && value >= -limit && value < limit;
  return fits ? undefined : 'mismatch';
}

function quantityProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return 'mismatch';
  if (quantityPattern.test(String(value))) return undefined;
  return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
}

function timeProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'mismatch';
  if (timePattern.test(value) && !Number.isNaN(Date.parse(value))) return undefined;
  const layout = '"2006-01-02T15:04:05Z07:00"';
  return `parsing time ${JSON.stringify(value)} as ${layout}: cannot parse ${JSON.stringify(value)} as "2006"`;
}

/** Go's base64 decoder names the first byte that it cannot use. */
function bytesProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'mismatch';
  const text = value.replaceAll(/[\r\n]/g, '');
  const match = /^[A-Za-z0-9+/]*={0,2}/.exec(text)?.[0] ?? '';
  if (match.length < text.length) return `illegal base64 data at input byte ${match.length}`;
  return text.length % 4 === 0 ? undefined : `illegal base64 data at input byte ${text.length}`;
}

/**
 * Returns undefined when Kubernetes decodes the value, `mismatch` when Go's JSON decoder would refuse its type,
 * and otherwise the text of the type's own decoder.
 */
export function scalarProblem(value: unknown, kind: ScalarKind): string | undefined {
  switch (kind) {
    case 'string':
      return typeof value === 'string' ? undefined : 'mismatch';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'mismatch';
    case 'int32':
    case 'int64':
      return integerProblem(value, kind);
    case 'double':
      return typeof value === 'number' ? undefined : 'mismatch';
    case 'bytes':
      return bytesProblem(value);
    case 'time':
    case 'microTime':
      return timeProblem(value);
    case 'intOrString':
      return typeof value === 'string' ? undefined : integerProblem(value, 'int32');
    case 'quantity':
      return quantityProblem(value);
    default:
      return undefined;
  }
}
