import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import { cells, fieldErrors, objectOf, updateErrors } from '../testing/kind-checks.ts';
import {
  customResourceDefinitionKind,
  type CustomResourceDefinition,
} from './custom-resource-definition.ts';
import { customKinds } from './custom-resource.ts';

const version = {
  name: 'v1',
  served: true,
  storage: true,
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            cronSpec: { type: 'string' },
            replicas: { type: 'integer', minimum: 1, default: 1 },
          },
        },
        status: { type: 'object', properties: { replicas: { type: 'integer' } } },
      },
    },
  },
  subresources: {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  },
  additionalPrinterColumns: [
    { name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' },
    { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};

const names = { plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'] };

function crd(spec: object = {}, name = 'crontabs.stable.example.com'): object {
  return {
    metadata: { name, creationTimestamp: '2026-11-21T00:00:00Z' },
    spec: { group: 'stable.example.com', scope: 'Namespaced', names, versions: [version], ...spec },
  };
}

function definition(): CustomResourceDefinition {
  const object = objectOf(customResourceDefinitionKind, crd());
  customResourceDefinitionKind.defaults?.(object);
  customResourceDefinitionKind.prepareCreate?.(object);
  return object;
}

function cronTabs(): KindDefinition {
  const [kind] = customKinds(definition());
  assert.ok(kind);
  return kind;
}

test('a definition is named after its kind, and knows which versions are stored', () => {
  const { spec, status } = definition();
  assert.equal(spec.names.singular, 'crontab');
  assert.equal(spec.names.listKind, 'CronTabList');
  assert.deepEqual(status, {
    conditions: [],
    acceptedNames: spec.names,
    storedVersions: ['v1'],
  });
});

const at = 'spec.versions[0].schema.openAPIV3Schema';
const withSchema = (openAPIV3Schema: object): object =>
  crd({ versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }] });

const failures: readonly (readonly [parts: object, error: string])[] = [
  [crd({}, 'x'), 'metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group'],
  [
    crd({ scope: 'World' }),
    'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
  ],
  [
    crd({ versions: [{ ...version, storage: false }] }),
    'spec.versions: Invalid value: ["v1"]: must have exactly one version marked as storage version',
  ],
  [
    crd({ versions: [{ ...version, schema: undefined }] }),
    `${at}: Required value: schemas are required`,
  ],
  [
    withSchema({ type: 'string' }),
    `${at}.type: Invalid value: "string": must be object at the root`,
  ],
  [
    withSchema({ type: 'object', properties: { spec: {} } }),
    `${at}.properties[spec].type: Required value: must not be empty for specified object fields`,
  ],
];

for (const [parts, error] of failures) {
  test(error, () => assert.deepEqual(fieldErrors(customResourceDefinitionKind, parts), [error]));
}

test('group, scope and kind stay', () => {
  const [error] = updateErrors(customResourceDefinitionKind, crd({ scope: 'Cluster' }), crd());
  assert.equal(error, 'spec.scope: Invalid value: "Cluster": field is immutable');
});

test('a custom kind is served as it is defined', () => {
  const kind = cronTabs();
  assert.equal(kind.schema, 'com.example.stable.v1.CronTab');
  assert.deepEqual([kind.plural, kind.singular, kind.shortNames], ['crontabs', 'crontab', ['ct']]);
  assert.equal(kind.hasStatus, true);
});

test('its objects are pruned, defaulted and checked', () => {
  const kind = cronTabs();
  const object = objectOf(kind, { spec: { cronSpec: '* * * * *', more: 1 } });
  kind.defaults?.(object);
  assert.deepEqual(object['spec'], { cronSpec: '* * * * *', replicas: 1 });
  assert.deepEqual(kind.validate?.(object, new FieldPath()), []);
  assert.deepEqual(fieldErrors(kind, { spec: { replicas: 0 } }), [
    'spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1',
  ]);
});

test('its columns follow their paths', () => {
  const row = cells(cronTabs(), {
    metadata: { name: 'a', namespace: 'b', creationTimestamp: '1970-01-01T00:00:00Z' },
    spec: { cronSpec: '@daily' },
  });
  assert.deepEqual(row, { Name: 'a', Spec: '@daily', Replicas: 1, Age: '0s' });
  assert.deepEqual(
    cronTabs().columns.map(({ priority }) => priority),
    [0, 0, 1, 0],
  );
});

test('a path of a scale leads to nothing but the object', () => {
  const scale = { specReplicasPath: '.spec.__proto__.replicas', statusReplicasPath: '.status.x' };
  const hostile = definition();
  hostile.spec.versions = hostile.spec.versions.map((one) => ({ ...one, subresources: { scale } }));
  const [kind] = customKinds(hostile);
  assert.ok(kind);
  kind.scale?.set(objectOf(kind, { spec: {} }), 4);
  assert.equal(Reflect.get({}, 'replicas'), undefined);
});

test('it scales', () => {
  const kind = cronTabs();
  const object = objectOf(kind, { status: { replicas: 2 } });
  kind.scale?.set(object, 4);
  assert.equal(kind.scale?.replicas(object), 4);
  assert.equal(kind.scale?.statusReplicas(object), 2);
});
