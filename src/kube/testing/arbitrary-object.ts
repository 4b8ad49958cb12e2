import * as fc from 'fast-check';
import type { FieldType, ScalarKind, SchemaName } from '../schema/contract.ts';
import { schemaNamed } from '../schema/schemas.ts';

/** How deep generated objects go; below it every object is empty. */
const deepest = 5;

/** Names that every JavaScript object has: a table that is asked for them must not answer. */
const inherited = ['constructor', 'toString'];

const scalars: Readonly<Record<ScalarKind, fc.Arbitrary<unknown>>> = {
  string: fc.constantFrom('', 'a', 'A_b', '10.0.0.1', 'x/y', '-', 'Always', 'TCP', ...inherited),
  boolean: fc.boolean(),
  int32: fc.constantFrom(0, 1, -1, 80, 2 ** 31 - 1),
  int64: fc.constantFrom(0, 1, -1, 30),
  double: fc.constantFrom(0, 0.5),
  bytes: fc.constantFrom('', 'YQ=='),
  time: fc.constant('2026-11-21T01:44:40Z'),
  microTime: fc.constant('2026-11-21T01:44:40.000001Z'),
  intOrString: fc.constantFrom(0, 80, '', 'http', '25%'),
  quantity: fc.constantFrom('0', '100m', '1Gi', 2),
  rawExtension: fc.constant({}),
  any: fc.constantFrom({}, 'a', 1),
};

function valueOf(type: FieldType, depth: number): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'object':
      return objectOfSchema(type.schema, depth + 1);
    case 'array':
      return fc.array(valueOf(type.items, depth), { maxLength: 2 });
    case 'map':
      return fc.dictionary(
        fc.constantFrom('a', 'b', '', '-', ...inherited),
        valueOf(type.values, depth),
        {
          maxKeys: 2,
          noNullPrototype: true,
        },
      );
    default:
      return scalars[type.kind];
  }
}

function objectOfSchema(name: SchemaName, depth: number): fc.Arbitrary<object> {
  const fields = [...(schemaNamed(name)?.fields.values() ?? [])];
  if (depth > deepest || fields.length === 0) return fc.constant({});
  const model = Object.fromEntries(
    fields.map((field) => [field.name, valueOf(field.type, depth)] as const),
  );
  return fc
    .subarray(Object.keys(model), { maxLength: Math.min(fields.length, 6) })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((key) => [key, model[key] ?? fc.constant({})])), {
        noNullPrototype: true,
      }),
    );
}

/**
 * Objects that decode: every field has its type, and any field may be missing, required ones included, for Go
 * decodes those to zero values.
 */
export function decodable(name: SchemaName): fc.Arbitrary<object> {
  return objectOfSchema(name, 0);
}
