import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject } from '../../kube/index.ts';
import { identityOf, overlayObjects } from './overlay.ts';
import { staticSnapshot } from './static-snapshot.ts';

function object(kind: string, name: string, fields: Record<string, unknown> = {}): AnyObject {
  const { metadata = {}, apiVersion = 'v1', ...rest } = fields;
  return { apiVersion, kind, metadata: { name, ...(metadata as object) }, ...rest } as AnyObject;
}

function workload(kind: string, name: string, spec: Record<string, unknown> = {}): AnyObject {
  const labels = { app: name };
  const containers = [
    { name: 'main', image: 'main', ports: [{ name: 'http', containerPort: 8080 }] },
  ];
  const template = { metadata: { labels }, spec: { containers } };
  const whole =
    kind === 'CronJob'
      ? { schedule: '@daily', jobTemplate: { spec: { template } } }
      : { selector: { matchLabels: labels }, template };
  return object(kind, name, {
    apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1',
    spec: { ...whole, ...spec },
  });
}

function service(name: string, spec: Record<string, unknown> = {}): AnyObject {
  const ports = [{ port: 80, targetPort: 'http' }];
  return object('Service', name, { spec: { selector: { app: name }, ports, ...spec } });
}

function pod(name: string, fields: Record<string, unknown> = {}): AnyObject {
  return object('Pod', name, { spec: { containers: [] }, ...fields });
}

/** Without cluster DNS, which is always there. */
function podNames(objects: readonly AnyObject[]): string[] {
  return [...staticSnapshot(objects).pods.keys()].filter((key) => !key.startsWith('kube-system/'));
}

test('workloads stand for the pods of their templates', () => {
  const cases: [AnyObject, string[]][] = [
    [workload('Deployment', 'web', { replicas: 3 }), ['default/web-0']],
    [workload('Deployment', 'web', { replicas: 0 }), []],
    [workload('DaemonSet', 'web'), ['default/web-0']],
    [workload('StatefulSet', 'web', { replicas: 2 }), ['default/web-0', 'default/web-1']],
    [workload('Job', 'web'), ['default/web-0']],
    [workload('CronJob', 'web'), ['default/web-0']],
    [workload('CronJob', 'web', { suspend: true }), []],
  ];
  for (const [one, expected] of cases) assert.deepEqual(podNames([one]), expected, one.kind);
});

test('two workloads of a name have two pods', () => {
  const both = [workload('Deployment', 'web'), workload('DaemonSet', 'web')];
  assert.deepEqual(podNames(both), ['default/web-0', 'default/web-0-daemonset']);
});

test('workloads of a cluster have the pods that are there', () => {
  const metadata = { uid: 'u', namespace: 'default' };
  const deployment = { ...workload('Deployment', 'web'), metadata: { name: 'web', ...metadata } };
  assert.deepEqual(podNames([deployment]), []);
});

test('pods run, are ready and have addresses that nobody else has', () => {
  const taken = pod('old', {
    metadata: { uid: 'u', namespace: 'default' },
    status: { podIPs: [{ ip: '10.244.0.2' }] },
  });
  const { pods, podsByIP, assumed } = staticSnapshot([taken, pod('new')]);
  const status = pods.get('default/new')?.status;
  assert.equal(status?.phase, 'Running');
  const ips = status.podIPs?.map(({ ip }) => ip) ?? [];
  assert.ok(ips.every((ip) => assumed.addresses.has(ip)));
  assert.equal(podsByIP.get(ips[0] ?? '')?.metadata.name, 'new');
  assert.equal(podsByIP.get('10.244.0.2')?.metadata.name, 'old');
  assert.ok(assumed.placements.has('default/new') && !assumed.placements.has('default/old'));
});

test('Services get an address, node ports and slices as the controllers would write them', () => {
  const { services, slices, assumed } = staticSnapshot([
    workload('StatefulSet', 'web', { replicas: 2 }),
    service('web', { type: 'NodePort' }),
    service('other'),
  ]);
  const { spec } = services.get('default/web') ?? {};
  assert.ok(assumed.addresses.has(spec?.clusterIP ?? ''));
  assert.equal(spec?.ports?.[0]?.nodePort, 30_000);
  const endpoints = slices.get('default/web')?.flatMap(({ endpoints }) => endpoints) ?? [];
  assert.deepEqual(
    endpoints.map(({ targetRef }) => targetRef?.name),
    ['web-0', 'web-1'],
  );
  assert.deepEqual(slices.get('default/web')?.[0]?.ports, [
    { name: '', protocol: 'TCP', port: 8080 },
  ]);
  assert.deepEqual(slices.get('default/other'), []);
});

test('Services of load balancers get an address of each of their families', () => {
  const given = { loadBalancer: { ingress: [{ ip: '172.19.0.1' }] } };
  const { services, assumed } = staticSnapshot([
    service('web', { type: 'LoadBalancer' }),
    service('both', { type: 'LoadBalancer', ipFamilyPolicy: 'RequireDualStack' }),
    { ...service('given', { type: 'LoadBalancer' }), status: given },
    { ...service('waits', { type: 'LoadBalancer' }), metadata: { name: 'waits', uid: 'u' } },
  ]);
  const addresses = (name: string): string[] =>
    services.get(name)?.status?.loadBalancer?.ingress?.flatMap(({ ip }) => ip ?? []) ?? [];
  assert.deepEqual(addresses('default/web'), ['172.19.0.2']);
  assert.deepEqual(addresses('default/both'), ['172.19.0.3', 'fd00:172:19::3']);
  assert.deepEqual(addresses('default/given'), ['172.19.0.1']);
  assert.ok(services.has('waits'));
  assert.deepEqual(addresses('waits'), []);
  assert.ok(assumed.addresses.has('172.19.0.2') && !assumed.addresses.has('172.19.0.1'));
});

test('a Service of both families has endpoints of both', () => {
  const { slices, services } = staticSnapshot([
    workload('Deployment', 'web'),
    service('web', { ipFamilyPolicy: 'RequireDualStack' }),
  ]);
  assert.deepEqual(services.get('default/web')?.spec.ipFamilies, ['IPv4', 'IPv6']);
  assert.deepEqual(
    slices.get('default/web')?.map(({ addressType }) => addressType),
    ['IPv4', 'IPv6'],
  );
});

test('slices that are there are taken as they are', () => {
  const slice = object('EndpointSlice', 'web-1', {
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.1'] }],
  });
  const { slices } = staticSnapshot([service('web', { selector: undefined }), slice]);
  assert.equal(slices.get('default/web')?.[0]?.endpoints[0]?.addresses[0], '192.0.2.1');
});

test('namespaces that are only named are there, with their names as labels', () => {
  const { namespaces } = staticSnapshot([
    pod('a', { metadata: { namespace: 'shop' } }),
    object('Namespace', 'shop', { metadata: { labels: { team: 'x' } } }),
    pod('b', { metadata: { namespace: 'other' } }),
  ]);
  assert.deepEqual(namespaces.get('shop')?.metadata.labels, {
    team: 'x',
    'kubernetes.io/metadata.name': 'shop',
  });
  assert.deepEqual(namespaces.get('other')?.metadata.labels, {
    'kubernetes.io/metadata.name': 'other',
  });
});

test('objects without a namespace are in the one that is asked for', () => {
  assert.ok(staticSnapshot([pod('a')], { namespace: 'shop' }).pods.has('shop/a'));
});

describe('objects applied over others', () => {
  const before = [
    service('web'),
    workload('Deployment', 'web'),
    pod('web-x', { metadata: { namespace: 'default', uid: 'u', labels: { app: 'web' } } }),
  ];
  const placed = before.map((one) => ({
    ...one,
    metadata: { namespace: 'default', ...one.metadata },
  }));

  test('replace those of their identity, and the pods of replaced workloads', () => {
    const change = {
      ...workload('Deployment', 'web'),
      metadata: { name: 'web', namespace: 'default' },
    };
    const after = overlayObjects(placed, [change]);
    assert.deepEqual(
      after.map(({ kind }) => kind),
      ['Service', 'Deployment'],
    );
  });

  test('keep what the API server gave them', () => {
    const [old] = placed as [AnyObject];
    const known = {
      ...old,
      spec: { ...(old['spec'] as object), clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] },
    };
    const change = {
      ...service('web', { selector: { app: 'api' } }),
      metadata: { name: 'web', namespace: 'default' },
    };
    const [after] = overlayObjects([known], [change]);
    const spec = after?.['spec'] as { clusterIP: string; selector: object };
    assert.deepEqual([spec.clusterIP, spec.selector], ['10.96.0.7', { app: 'api' }]);
  });

  test('keep the node ports of ports that stay', () => {
    const ports = [
      { port: 80, nodePort: 31_080 },
      { port: 53, protocol: 'UDP', nodePort: 31_053 },
    ];
    const known = service('web', { type: 'NodePort', ports });
    const after = (spec: Record<string, unknown>): unknown => {
      const [changed] = overlayObjects([known], [service('web', spec)]) as [AnyObject];
      const { ports } = changed['spec'] as { ports: { nodePort?: number }[] };
      return ports.map(({ nodePort }) => nodePort);
    };
    const next = [{ port: 80 }, { port: 53 }, { port: 81 }];
    assert.deepEqual(after({ type: 'NodePort', ports: next }), [31_080, undefined, undefined]);
    assert.deepEqual(after({ type: 'ClusterIP', ports: next }), [undefined, undefined, undefined]);
    const asked = [{ port: 80, nodePort: 31_081 }];
    assert.deepEqual(after({ type: 'NodePort', ports: asked }), [31_081]);
  });

  test('an object is the same in every version of its kind', () => {
    const one = object('NetworkPolicy', 'x', { apiVersion: 'networking.k8s.io/v1' });
    assert.equal(identityOf(one), identityOf({ ...one, apiVersion: 'networking.k8s.io/v2' }));
    assert.notEqual(
      identityOf(one),
      identityOf({ ...one, apiVersion: 'crd.projectcalico.org/v1' }),
    );
  });
});
