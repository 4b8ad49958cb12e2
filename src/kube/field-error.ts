/** The `CauseType` values of `apimachinery/pkg/util/validation/field/errors.go`. */
export type FieldErrorReason =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

/** One thing wrong with one field. */
export interface FieldError {
  readonly reason: FieldErrorReason;
  /** `spec.ports[0].port` */
  readonly field: string;
  /** The text after the field, e.g. `Invalid value: 99999: must be between 1 and 65535, inclusive`. */
  readonly body: string;
}

/** An immutable path to a field: `root.child('ports').index(0).child('port')` prints `ports[0].port`. */
export class FieldPath {
  private readonly text: string;

  constructor(text = '') {
    this.text = text;
  }

  child(...names: string[]): FieldPath {
    return new FieldPath([this.text, ...names].filter((name) => name !== '').join('.'));
  }

  index(position: number): FieldPath {
    return new FieldPath(`${this.text}[${position}]`);
  }

  key(name: string): FieldPath {
    return new FieldPath(`${this.text}[${name}]`);
  }

  toString(): string {
    return this.text === '' ? '<nil>' : this.text;
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

export function fieldInvalid(path: FieldPath, value: unknown, detail: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field: String(path),
    body: `Invalid value: ${shown(value)}: ${detail}`,
  };
}

export function fieldRequired(path: FieldPath, detail = ''): FieldError {
  return {
    reason: 'FieldValueRequired',
    field: String(path),
    body: detail === '' ? 'Required value' : `Required value: ${detail}`,
  };
}

export function fieldDuplicate(path: FieldPath, value: unknown): FieldError {
  return {
    reason: 'FieldValueDuplicate',
    field: String(path),
    body: `Duplicate value: ${shown(value)}`,
  };
}

export function fieldNotSupported(
  path: FieldPath,
  value: unknown,
  supported: readonly string[],
): FieldError {
  const values = [...supported].sort().map((entry) => JSON.stringify(entry));
  return {
    reason: 'FieldValueNotSupported',
    field: String(path),
    body: `Unsupported value: ${shown(value)}: supported values: ${values.join(', ')}`,
  };
}

export function fieldForbidden(path: FieldPath, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field: String(path), body: `Forbidden: ${detail}` };
}

export function fieldTooLong(path: FieldPath, maximum: number): FieldError {
  return {
    reason: 'FieldValueTooLong',
    field: String(path),
    body: `Too long: may not be more than ${maximum} bytes`,
  };
}

export function fieldTooMany(path: FieldPath, actual: number, maximum: number): FieldError {
  return {
    reason: 'FieldValueTooMany',
    field: String(path),
    body: `Too many: ${actual}: must have at most ${maximum} items`,
  };
}

export function fieldNotFound(path: FieldPath, value: unknown): FieldError {
  return {
    reason: 'FieldValueNotFound',
    field: String(path),
    body: `Not found: ${shown(value)}`,
  };
}
