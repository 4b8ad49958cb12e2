import { schemaNamed, type FieldType, type ScalarKind, type SchemaName } from '../../kube/index.ts';

/** What Go's decoder leaves in a list for a null; the kinds that are not here have no zero but null itself. */
const zeroScalars: Readonly<Partial<Record<ScalarKind, unknown>>> = {
  boolean: false,
  bytes: '',
  double: 0,
  int32: 0,
  int64: 0,
  intOrString: 0,
  quantity: '0',
  string: '',
};

function zeroOf(type: FieldType): unknown {
  switch (type.kind) {
    case 'object':
    case 'map':
      return {};
    case 'array':
      return [];
    default:
      return zeroScalars[type.kind] ?? null;
  }
}

function fillIn(value: unknown, type: FieldType): void {
  if (typeof value !== 'object' || value === null) return;
  if (type.kind === 'object') fillNullElements(type.schema, value);
  else if (type.kind === 'array' && Array.isArray(value)) fillList(value, type.items);
  else if (type.kind === 'map') for (const item of Object.values(value)) fillIn(item, type.values);
}

function fillList(list: unknown[], items: FieldType): void {
  for (const [index, item] of list.entries()) {
    if (item === null) list[index] = zeroOf(items);
    else fillIn(item, items);
  }
}

/**
 * Puts the zero of its type where an element of a list is null, in place, as Go decodes it: `finalizers: [null]` names one empty
 * finalizer, which validation then refuses in its own words.
 */
export function fillNullElements(schemaName: SchemaName, value: object): void {
  const fields = schemaNamed(schemaName)?.fields;
  for (const [name, member] of Object.entries(value)) {
    const field = fields?.get(name);
    if (field !== undefined) fillIn(member, field.type);
  }
}

/** Whether an element of a list is null anywhere in a JSON value. */
export function hasNullElement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => item === null || hasNullElement(item));
  return Object.values(value).some(hasNullElement);
}
