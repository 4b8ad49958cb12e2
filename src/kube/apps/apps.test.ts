import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyKind } from '../any-kind.ts';
import { cells, defaulted, fieldErrors, updateErrors } from '../testing/kind-checks.ts';
import { controllerRevisionKind } from './controller-revision.ts';
import { daemonSetKind } from './daemon-set.ts';
import { deploymentKind } from './deployment.ts';
import { appsKinds } from './kinds.ts';
import { replicaSetKind } from './replica-set.ts';
import { statefulSetKind } from './stateful-set.ts';

const selector = { matchLabels: { app: 'web' } };
const template = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      { name: 'nginx', image: 'nginx:1.27' },
      { name: 'side', image: 'busybox' },
    ],
  },
};
const withSpec = (parts: object = {}): object => ({ spec: { selector, template, ...parts } });

test('a Deployment gets the defaults of apps/v1', () => {
  const { spec } = defaulted(deploymentKind, withSpec());
  assert.equal(spec.replicas, 1);
  assert.deepEqual(spec.strategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
  });
  assert.equal(spec.revisionHistoryLimit, 10);
  assert.equal(spec.progressDeadlineSeconds, 600);
  assert.equal(spec.template.spec.restartPolicy, 'Always');
  assert.equal(spec.template.spec.terminationGracePeriodSeconds, 30);
});

test('defaults are the same when applied twice', () => {
  for (const kind of appsKinds) {
    const once = defaulted(kind, withSpec());
    const twice = structuredClone(once);
    kind.defaults?.(twice);
    assert.deepEqual(twice, once);
  }
});

const at = 'spec.strategy.rollingUpdate';
const rolling = (rollingUpdate: object): object => withSpec({ strategy: { rollingUpdate } });

const failures: readonly (readonly [parts: object, error: string])[] = [
  [
    withSpec({ replicas: -1 }),
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [withSpec({ selector: undefined }), 'spec.selector: Required value'],
  [
    withSpec({ selector: {} }),
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ],
  [
    withSpec({ selector: { matchLabels: { app: 'other' } } }),
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    withSpec({ template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } }),
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    withSpec({ strategy: { type: 'Recreate', rollingUpdate: {} } }),
    `${at}: Forbidden: may not be specified when strategy \`type\` is 'Recreate'`,
  ],
  [
    rolling({ maxSurge: 0, maxUnavailable: '0%' }),
    `${at}.maxUnavailable: Invalid value: "0%": may not be 0 when \`maxSurge\` is 0`,
  ],
  [
    rolling({ maxUnavailable: '101%' }),
    `${at}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`,
  ],
  [
    rolling({ maxSurge: -1 }),
    `${at}.maxSurge: Invalid value: -1: must be greater than or equal to 0`,
  ],
  [
    withSpec({ minReadySeconds: 600 }),
    'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
  ],
];

for (const [parts, error] of failures) {
  test(error, () => assert.deepEqual(fieldErrors(deploymentKind, parts), [error]));
}

test('a percentage that is none names the form', () => {
  assert.match(
    fieldErrors(deploymentKind, rolling({ maxSurge: 'x' })).join(),
    /maxSurge: Invalid value: "x": a valid percent string must be/,
  );
});

test('a selector is immutable', () => {
  const previous = withSpec();
  const next = withSpec({ selector: { matchLabels: { app: 'web', tier: 'a' } } });
  for (const kind of [anyKind(deploymentKind), anyKind(replicaSetKind), anyKind(daemonSetKind)]) {
    const [error] = updateErrors(kind, next, previous);
    assert.match(error ?? '', /^spec\.selector: Invalid value: .*: field is immutable$/);
  }
});

test('rows read as kubectl users know them', () => {
  const status = { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1, replicas: 3 };
  const row = cells(deploymentKind, { ...withSpec({ replicas: 3 }), status });
  delete row['Age'];
  assert.deepEqual(row, {
    Name: 'test',
    Ready: '2/3',
    'Up-to-date': '3',
    Available: '1',
    Containers: 'nginx,side',
    Images: 'nginx:1.27,busybox',
    Selector: 'app=web',
  });
  const set = cells(replicaSetKind, { ...withSpec({ replicas: 3 }), status });
  assert.deepEqual([set['Desired'], set['Current'], set['Ready']], [3, 3, 2]);
  assert.equal(cells(daemonSetKind, withSpec())['Node Selector'], '<none>');
});

test('scale reads and writes replicas', () => {
  const deployment = defaulted(deploymentKind, withSpec());
  deploymentKind.scale?.set(deployment, 5);
  assert.equal(deploymentKind.scale?.replicas(deployment), 5);
  assert.equal(deploymentKind.scale?.selector(deployment), 'app=web');
});

test('a StatefulSet keeps what its volumes and names depend on', () => {
  const previous = withSpec({ serviceName: 'a' });
  assert.deepEqual(
    updateErrors(statefulSetKind, withSpec({ serviceName: 'a', replicas: 4 }), previous),
    [],
  );
  const [error] = updateErrors(statefulSetKind, withSpec({ serviceName: 'b' }), previous);
  assert.match(error ?? '', /^spec: Forbidden: updates to statefulset spec for fields other than/);
});

test('a StatefulSet with claims is told that nothing keeps them', () => {
  const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } };
  const warnings = (parts: object): readonly string[] | undefined =>
    statefulSetKind.warnings?.(defaulted(statefulSetKind, withSpec(parts)));
  assert.deepEqual(warnings({}), []);
  assert.match(warnings({ volumeClaimTemplates: [claim] })?.join() ?? '', /an emptyDir instead$/);
});

test('a ControllerRevision names its owner', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'a', uid: '1', controller: true };
  const metadata = { name: 'a-1', ownerReferences: [owner] };
  const row = cells(controllerRevisionKind, { metadata, revision: 2, data: {} });
  assert.deepEqual([row['Controller'], row['Revision']], ['daemonset.apps/a', 2]);
});
