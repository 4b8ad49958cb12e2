import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FieldPath } from './field-error.ts';
import { kinds } from './kinds.ts';
import type { AnyObject } from './meta.ts';
import { schemaNamed } from './schema/schemas.ts';
import { decodable } from './testing/arbitrary-object.ts';
import { objectOf } from './testing/kind-checks.ts';

function prepared(kind: (typeof kinds)[number], parts: object): AnyObject {
  const object = objectOf(kind, parts);
  kind.defaults?.(object);
  kind.prepareCreate?.(object);
  return object;
}

/** The names of the fields of a kind: of Kubernetes' own schema, or of the one that the kind brings along. */
function fieldNames({ schema, structural }: (typeof kinds)[number]): readonly string[] | undefined {
  if (structural === undefined) return schemaNamed(schema)?.fields.keys().toArray();
  return Object.keys(structural.document['properties'] ?? {});
}

for (const kind of kinds) {
  test(`${kind.kind} has a schema, and its list, too`, () => {
    assert.ok(kind.structural ?? schemaNamed(`${kind.schema}List`));
    assert.equal(fieldNames(kind)?.includes('status'), kind.hasStatus);
  });

  test(`${kind.kind} answers an object without any content with field errors at most`, () => {
    for (const parts of [{}, { spec: {} }]) {
      assert.doesNotThrow(() => kind.validate?.(prepared(kind, parts), new FieldPath()));
    }
  });

  test(`${kind.kind} answers whatever decodes, and never crashes`, () => {
    fc.assert(
      fc.property(decodable(kind.schema), (parts) => {
        const object = prepared(kind, { ...parts, ...objectOf(kind, {}) });
        const before = structuredClone(object);
        const errors = kind.validate?.(object, new FieldPath()) ?? [];
        assert.deepEqual(object, before, 'validation changes nothing');
        kind.defaults?.(object);
        assert.deepEqual(object, before, 'defaults are complete at once');
        if (errors.length > 0) return;
        kind.validateUpdate?.(object, before);
        for (const column of kind.columns) column.cell(object, 0);
      }),
      { numRuns: 100 },
    );
  });

  test(`${kind.kind} ends its columns with the age or with wide ones`, () => {
    const shown = kind.columns.filter(({ priority }) => priority === 0).map(({ name }) => name);
    assert.ok(shown.length > 0);
    assert.equal(new Set(kind.columns.map(({ name }) => name)).size, kind.columns.length);
  });
}

test('plurals and short names lead to one kind each', () => {
  const names = kinds.flatMap(({ group, plural, shortNames = [] }) =>
    [plural, ...shortNames].map((name) => `${name}.${group}`),
  );
  assert.equal(new Set(names).size, names.length);
});
