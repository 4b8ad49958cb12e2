import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { AnyObject } from '../../kube/index.ts';
import { applyPatch } from './apply-patch.ts';
import type { PatchRequest } from './contract.ts';

/** `kubectl patch --local` runs the API server's own patch library: the two have to agree. */

const folder = mkdtempSync(join(tmpdir(), 'patch-'));
const file = join(folder, 'pod.json');
after(() => rmSync(folder, { recursive: true }));

const pod: AnyObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web', tier: 'a' }, finalizers: ['a.b/1', 'a.b/2'] },
  spec: {
    containers: [
      { name: 'a', image: '1', env: [{ name: 'X', value: '1' }], args: ['p'] },
      { name: 'own', image: '2', ports: [{ containerPort: 53, protocol: 'UDP' }] },
      { name: 'c', image: '3' },
    ],
    volumes: [{ name: 'v', emptyDir: {} }],
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 't', operator: 'Exists' }],
  },
};

const cases: readonly (readonly [type: PatchRequest['type'], body: unknown])[] = [
  [
    'strategic',
    {
      spec: {
        containers: [
          { name: 'a', image: '9' },
          { name: 'd', image: '4' },
        ],
      },
    },
  ],
  ['strategic', { spec: { containers: [{ name: 'c', $patch: 'delete' }] } }],
  ['strategic', { spec: { containers: [{ name: 'z', image: '1' }, { $patch: 'replace' }] } }],
  [
    'strategic',
    {
      spec: {
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'd' }, { name: 'a' }],
        containers: [{ name: 'd', image: '4' }],
      },
    },
  ],
  [
    'strategic',
    {
      spec: {
        volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }],
      },
    },
  ],
  [
    'strategic',
    { metadata: { finalizers: ['a.b/3'], '$deleteFromPrimitiveList/finalizers': ['a.b/1'] } },
  ],
  ['strategic', { spec: { nodeSelector: { $patch: 'replace', zone: 'b' }, tolerations: null } }],
  [
    'strategic',
    { spec: { containers: [{ name: 'own', ports: [{ containerPort: 53, name: 'dns' }] }] } },
  ],
  [
    'strategic',
    { spec: { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }], args: ['q'] }] } },
  ],
  ['strategic', { metadata: { labels: { tier: null, new: 'x' } } }],
  [
    'merge',
    { metadata: { labels: { tier: null } }, spec: { containers: [{ name: 'b', image: '1' }] } },
  ],
  [
    'json',
    [
      { op: 'replace', path: '/spec/containers/0/image', value: '9' },
      { op: 'remove', path: '/metadata/labels/tier' },
    ],
  ],
];

function withKubectl(type: string, body: unknown): unknown {
  writeFileSync(file, JSON.stringify(pod));
  const args = [
    'patch',
    '--local',
    '-f',
    file,
    '--type',
    type,
    '-p',
    JSON.stringify(body),
    '-o',
    'json',
  ];
  const environment = { PATH: process.env['PATH'], HOME: folder };
  const { stdout, stderr, status } = spawnSync('kubectl', args, {
    encoding: 'utf8',
    env: environment,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as unknown;
}

/** kubectl prints Go's structs: empty values that the API server drops or fills in on its own. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)] as const);
  const kept = entries.filter(([key, item]) => {
    if (item === null || key === 'emptyDir') return item !== null;
    return typeof item !== 'object' || Object.keys(item).length > 0;
  });
  return Object.fromEntries(kept);
}

const found = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
const options = found.status === 0 ? {} : { skip: 'no kubectl on this machine' };

for (const [type, body] of cases) {
  test(`kubectl agrees on ${type} ${JSON.stringify(body)}`, options, () => {
    const ours = applyPatch({ type, body, original: pod, schema: 'io.k8s.api.core.v1.Pod' });
    assert.deepEqual(withoutEmpty(ours), withoutEmpty(withKubectl(type, body)));
  });
}
