import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JSONSchemaProps } from './json-schema.ts';
import { compileStructural } from './structural.ts';

/** A custom resource whose `spec` has one field `x` with the given schema. */
function withField(x: JSONSchemaProps): ReturnType<typeof compileStructural> {
  const spec: JSONSchemaProps = { type: 'object', properties: { x }, required: ['x'] };
  return compileStructural({ type: 'object', properties: { spec } });
}

const resource = (spec: unknown): Record<string, unknown> => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a' },
  spec,
});

const cases: readonly (readonly [schema: JSONSchemaProps, value: unknown, error: string])[] = [
  [
    { type: 'integer' },
    'a',
    'Invalid value: "string": spec.x in body must be of type integer: "string"',
  ],
  [
    { type: 'integer' },
    1.5,
    'Invalid value: "number": spec.x in body must be of type integer: "number"',
  ],
  [
    { type: 'string' },
    null,
    'Invalid value: "null": spec.x in body must be of type string: "null"',
  ],
  [
    { type: 'integer', minimum: 1 },
    0,
    'Invalid value: 0: spec.x in body should be greater than or equal to 1',
  ],
  [
    { type: 'number', maximum: 1, exclusiveMaximum: true },
    1,
    'Invalid value: 1: spec.x in body should be less than 1',
  ],
  [
    { type: 'integer', multipleOf: 2 },
    3,
    'Invalid value: 3: spec.x in body should be a multiple of 2',
  ],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', 'Unsupported value: "c": supported values: "a", "b"'],
  [
    { type: 'string', pattern: '^a+$' },
    'b',
    `Invalid value: "b": spec.x in body should match '^a+$'`,
  ],
  [
    { type: 'string', minLength: 2 },
    'é',
    'Invalid value: "é": spec.x in body should be at least 2 chars long',
  ],
  [{ type: 'string', maxLength: 1 }, 'ab', 'Too long: may not be more than 1 bytes'],
  [
    { type: 'string', format: 'ipv4' },
    'a',
    'Invalid value: "a": spec.x in body must be of type ipv4: "a"',
  ],
  [{ type: 'array', maxItems: 1 }, [1, 2], 'Too many: 2: must have at most 1 items'],
  [
    { type: 'array', minItems: 1 },
    [],
    'Invalid value: 0: spec.x in body should have at least 1 items',
  ],
  [
    { 'x-kubernetes-int-or-string': true },
    true,
    'Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"',
  ],
  [
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    {},
    'Invalid value: {}: "spec.x" must validate one and only one schema (oneOf). Found none valid',
  ],
  [
    { type: 'object', anyOf: [{ required: ['a'] }] },
    {},
    'Invalid value: {}: "spec.x" must validate at least one schema (anyOf)',
  ],
  [
    { not: { type: 'string' } },
    'a',
    'Invalid value: "a": "spec.x" must not validate the schema (not)',
  ],
];

for (const [schema, value, error] of cases) {
  test(`${JSON.stringify(schema)} refuses ${JSON.stringify(value)}`, () => {
    const errors = withField(schema).validate(resource({ x: value }));
    assert.deepEqual(
      errors.map(({ field, body }) => `${field}: ${body}`),
      [`spec.x: ${error}`],
    );
  });
}

test('required fields are named', () => {
  const errors = withField({ type: 'string' }).validate(resource({}));
  assert.deepEqual(
    errors.map(({ field, body }) => `${field}: ${body}`),
    ['spec.x: Required value'],
  );
});

test('lists that are maps or sets have no duplicates', () => {
  const items: JSONSchemaProps = { type: 'object' };
  const map: JSONSchemaProps = {
    type: 'array',
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  };
  const value = [
    { name: 'a', y: 1 },
    { name: 'a', y: 2 },
  ];
  const [error] = withField(map).validate(resource({ x: value }));
  assert.equal(`${error?.field}: ${error?.body}`, 'spec.x[1]: Duplicate value: {"name":"a"}');
});

test('nullable allows null', () => {
  assert.deepEqual(
    withField({ type: 'string', nullable: true }).validate(resource({ x: null })),
    [],
  );
});

test('unknown fields are named, then pruned; metadata stays', () => {
  const schema = withField({ type: 'array', items: { type: 'object', properties: { a: {} } } });
  const object = resource({ x: [{ a: 1, b: 2 }], y: 3 });
  assert.deepEqual(
    schema.checkFields(object).map(({ message }) => message),
    ['unknown field "spec.x[0].b"', 'unknown field "spec.y"'],
  );
  schema.prune(object);
  assert.deepEqual(object, resource({ x: [{ a: 1 }] }));
});

test('metadata is checked as that of every object', () => {
  const object = { ...resource({ x: 'a' }), metadata: { name: 'a', labels: { a: 1 }, lables: {} } };
  assert.deepEqual(
    withField({ type: 'string' })
      .checkFields(object)
      .map(({ message }) => message),
    [
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
      'unknown field "metadata.lables"',
    ],
  );
});

test('preserved fields, maps and embedded resources keep what they have', () => {
  const free = withField({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  const map = withField({ type: 'object', additionalProperties: { type: 'string' } });
  const embedded = withField({ type: 'object', 'x-kubernetes-embedded-resource': true });
  const inner = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
  assert.deepEqual(free.checkFields(resource({ x: { a: { b: 1 } } })), []);
  assert.deepEqual(map.checkFields(resource({ x: { a: 'b' } })), []);
  assert.deepEqual(embedded.checkFields(resource({ x: inner })), []);
  assert.equal(embedded.checkFields(resource({ x: { ...inner, spec: {} } })).length, 1);
});

test('defaults fill in from the outside in and copy', () => {
  const fallback = { a: {} };
  const schema = withField({
    type: 'object',
    default: fallback,
    properties: { a: { type: 'object', properties: { b: { type: 'integer', default: 7 } } } },
  });
  const object = resource({});
  schema.applyDefaults(object);
  assert.deepEqual(object['spec'], { x: { a: { b: 7 } } });
  assert.deepEqual(fallback, { a: {} });
});

test('a null that is not allowed counts as absent for a default', () => {
  const object = resource({ x: null });
  withField({ type: 'integer', default: 1 }).applyDefaults(object);
  assert.deepEqual(object['spec'], { x: 1 });
});
