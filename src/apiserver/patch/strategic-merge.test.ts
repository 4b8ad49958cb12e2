import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeObject } from './strategic-merge.ts';

const podSpec = 'io.k8s.api.core.v1.PodSpec';
const serviceSpec = 'io.k8s.api.core.v1.ServiceSpec';
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

interface Case {
  readonly name: string;
  readonly schema: string;
  readonly original: Record<string, unknown>;
  readonly patch: Record<string, unknown>;
  readonly result: Record<string, unknown>;
}

const cases: readonly Case[] = [
  {
    name: 'merges containers by name and adds new ones',
    schema: podSpec,
    original: { containers: [{ name: 'a', image: '1', env: [{ name: 'X', value: 'x' }] }] },
    patch: {
      containers: [
        { name: 'a', image: '2' },
        { name: 'b', image: '3' },
      ],
    },
    result: {
      containers: [
        { name: 'a', image: '2', env: [{ name: 'X', value: 'x' }] },
        { name: 'b', image: '3' },
      ],
    },
  },
  {
    name: 'merges deep: env by name, null deletes a field',
    schema: podSpec,
    original: { containers: [{ name: 'a', image: '1', env: [{ name: 'X', value: 'x' }] }] },
    patch: { containers: [{ name: 'a', image: null, env: [{ name: 'Y', value: 'y' }] }] },
    result: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'Y', value: 'y' },
            { name: 'X', value: 'x' },
          ],
        },
      ],
    },
  },
  {
    name: 'replaces lists without a strategy',
    schema: podSpec,
    original: { tolerations: [{ key: 'a' }], containers: [{ name: 'a', args: ['1', '2'] }] },
    patch: { tolerations: [{ key: 'b' }], containers: [{ name: 'a', args: ['3'] }] },
    result: { tolerations: [{ key: 'b' }], containers: [{ name: 'a', args: ['3'] }] },
  },
  {
    name: '$patch: delete removes an element',
    schema: podSpec,
    original: { containers: [{ name: 'a' }, { name: 'b' }] },
    patch: { containers: [{ name: 'a', $patch: 'delete' }] },
    result: { containers: [{ name: 'b' }] },
  },
  {
    name: '$patch: replace in a list replaces it',
    schema: podSpec,
    original: { containers: [{ name: 'a' }, { name: 'b' }] },
    patch: { containers: [{ name: 'c' }, { $patch: 'replace' }] },
    result: { containers: [{ name: 'c' }] },
  },
  {
    name: '$patch: replace replaces an object',
    schema: podSpec,
    original: { securityContext: { runAsUser: 1, fsGroup: 2 } },
    patch: { securityContext: { $patch: 'replace', runAsUser: 3 } },
    result: { securityContext: { runAsUser: 3 } },
  },
  {
    name: '$patch: delete empties an object',
    schema: podSpec,
    original: { securityContext: { runAsUser: 1 } },
    patch: { securityContext: { $patch: 'delete' } },
    result: { securityContext: {} },
  },
  {
    name: '$setElementOrder orders known and new elements; an own element keeps its place',
    schema: podSpec,
    original: { containers: [{ name: 'a' }, { name: 'own' }, { name: 'b' }] },
    patch: {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }],
      containers: [{ name: 'c', image: '1' }],
    },
    result: {
      containers: [{ name: 'own' }, { name: 'b' }, { name: 'c', image: '1' }, { name: 'a' }],
    },
  },
  {
    name: '$setElementOrder alone reorders',
    schema: podSpec,
    original: { containers: [{ name: 'a' }, { name: 'b' }] },
    patch: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
    result: { containers: [{ name: 'b' }, { name: 'a' }] },
  },
  {
    name: '$retainKeys keeps one member of a union: kubectl apply of another volume source',
    schema: podSpec,
    original: { volumes: [{ name: 'v', emptyDir: {} }] },
    patch: {
      volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }],
    },
    result: { volumes: [{ name: 'v', configMap: { name: 'c' } }] },
  },
  {
    name: '$retainKeys of a deployment strategy',
    schema: 'io.k8s.api.apps.v1.DeploymentSpec',
    original: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    patch: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    result: { strategy: { type: 'Recreate' } },
  },
  {
    name: 'scalar lists merge without duplicates and $deleteFromPrimitiveList takes out',
    schema: meta,
    original: { finalizers: ['a', 'b'] },
    patch: { finalizers: ['c', 'a'], '$deleteFromPrimitiveList/finalizers': ['b'] },
    result: { finalizers: ['c', 'a'] },
  },
  {
    name: 'maps of strings merge',
    schema: meta,
    original: { labels: { a: '1', b: '2' } },
    patch: { labels: { a: null, c: '3' } },
    result: { labels: { b: '2', c: '3' } },
  },
  {
    name: 'Service ports are merged by port alone: the first of two protocols takes the patch',
    schema: serviceSpec,
    original: {
      ports: [
        { port: 53, protocol: 'TCP' },
        { port: 53, protocol: 'UDP' },
      ],
    },
    patch: { ports: [{ port: 53, name: 'dns' }] },
    result: {
      ports: [
        { port: 53, protocol: 'TCP', name: 'dns' },
        { port: 53, protocol: 'UDP' },
      ],
    },
  },
  {
    name: 'what meets nothing is taken without directives and nulls',
    schema: podSpec,
    original: {},
    patch: {
      securityContext: { runAsUser: null, fsGroup: 1 },
      containers: [
        { name: 'a', image: null },
        { name: 'b', $patch: 'delete' },
      ],
    },
    result: { securityContext: { fsGroup: 1 }, containers: [{ name: 'a' }] },
  },
];

for (const { name, schema, original, patch, result } of cases) {
  test(name, () => assert.deepEqual(mergeObject(original, patch, schema), result));
}

const failures: readonly (readonly [patch: Record<string, unknown>, message: RegExp])[] = [
  [
    { containers: [{ image: 'x' }] },
    /^map: map\[image:x\] does not contain declared merge key: name$/,
  ],
  [{ $patch: 'merge' }, /^unknown patch type: merge in map: map\[\]$/],
  [
    { containers: [{ name: 'a', $patch: 'x' }] },
    /^unknown patch type: x in map: map\[\$patch:x name:a\]$/,
  ],
  [{ securityContext: { x: 1 }, $retainKeys: ['a'] }, /^invalid patch format of retainKeys$/],
  [
    { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'a' }] },
    /doesn't match \$setElementOrder list/,
  ],
  [
    { contaners: { a: 1 } },
    /^unable to find api field in struct PodSpec for the json field "contaners"$/,
  ],
];

for (const [patch, message] of failures) {
  test(`${JSON.stringify(patch)} is refused`, () => {
    const original = { containers: [{ name: 'z' }], contaners: {} };
    assert.throws(() => mergeObject(original, patch, podSpec), { message });
  });
}
