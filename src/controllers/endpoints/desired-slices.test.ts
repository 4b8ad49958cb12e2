import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../kube/index.ts';
import { nodeObject, podObject, serviceObject } from '../testing/objects.ts';
import { desiredGroups } from './desired-slices.ts';

const node = nodeObject('node1', { labels: { 'topology.kubernetes.io/zone': 'east' } });

function groups(service: Parameters<typeof desiredGroups>[0], ...pods: Pod[]) {
  return desiredGroups(service, {
    pods,
    nodeOf: (pod) => (pod.spec.nodeName === 'node1' ? node : undefined),
  });
}

function deleted(pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

test('a ready pod is an endpoint with its node, zone and target', () => {
  const pod = podObject('a', { ip: '10.244.0.2', spec: { nodeName: 'node1' } });
  assert.deepEqual(groups(serviceObject('web'), pod), [
    {
      addressType: 'IPv4',
      ports: [{ name: '', protocol: 'TCP', port: 8080 }],
      endpoints: [
        {
          addresses: ['10.244.0.2'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'node1',
          zone: 'east',
          targetRef: { kind: 'Pod', name: 'a', namespace: 'shop' },
        },
      ],
    },
  ]);
});

test('conditions tell ready, serving and terminating apart (rows 25 and 26)', () => {
  const pods = [
    podObject('ready', { ip: '10.244.0.1' }),
    podObject('starting', { ip: '10.244.0.2', isReady: false }),
    deleted(podObject('draining', { ip: '10.244.0.3' })),
    deleted(podObject('gone', { ip: '10.244.0.4', isReady: false })),
  ];
  const conditions = (publishNotReadyAddresses: boolean) =>
    groups(serviceObject('web', { publishNotReadyAddresses }), ...pods)[0]?.endpoints.map(
      ({ conditions: { ready, serving, terminating } = {} }) =>
        [ready, serving, terminating].map(Number).join(''),
    );
  assert.deepEqual(conditions(false), ['110', '000', '011', '001']);
  assert.deepEqual(conditions(true), ['110', '100', '111', '101']);
});

test('what a port speaks is told as it is (row 39)', () => {
  const ports = [{ port: 80, targetPort: 8080, appProtocol: 'kubernetes.io/h2c' }];
  const [group] = groups(serviceObject('web', { ports }), podObject('a', { ip: '10.244.0.2' }));
  assert.deepEqual(group?.ports, [
    { name: '', protocol: 'TCP', port: 8080, appProtocol: 'kubernetes.io/h2c' },
  ]);
});

test('finished pods and pods without an address are no endpoints', () => {
  const finished = podObject('finished', { ip: '10.244.0.1' });
  const done: Pod = { ...finished, status: { ...finished.status, phase: 'Succeeded' } };
  assert.deepEqual(groups(serviceObject('web'), done, podObject('new')), [
    { addressType: 'IPv4', ports: [], endpoints: [] },
  ]);
});

test('a named target port is looked up in each pod (row 28)', () => {
  const withPort = (name: string, ip: string, containerPort: number) =>
    podObject(name, {
      ip,
      spec: { containers: [{ name: 'web', ports: [{ name: 'http', containerPort }] }] },
    });
  const service = serviceObject('web', {
    ports: [
      { name: 'www', port: 80, targetPort: 'http' },
      { name: 'direct', port: 81, targetPort: 9000 },
    ],
  });
  const found = groups(
    service,
    withPort('a', '10.244.0.1', 8080),
    withPort('b', '10.244.0.2', 8081),
    withPort('c', '10.244.0.3', 8080),
    podObject('without', { ip: '10.244.0.4' }),
  );
  assert.deepEqual(
    found.map(({ ports, endpoints }) => [
      ports.map(({ name, port }) => `${name}=${port}`).join(),
      endpoints.map(({ targetRef }) => targetRef?.name).join(),
    ]),
    [
      ['www=8080,direct=9000', 'a,c'],
      ['www=8081,direct=9000', 'b'],
      ['direct=9000', 'without'],
    ],
  );
});

test('a port of the same name but another protocol is another port', () => {
  const ports = [
    { name: 'dns', containerPort: 5353, protocol: 'UDP' as const },
    { name: 'dns', containerPort: 5354, protocol: 'TCP' as const },
  ];
  const pod = podObject('a', { ip: '10.244.0.1', spec: { containers: [{ name: 'dns', ports }] } });
  const service = serviceObject('web', {
    ports: [
      { name: 'udp', port: 53, protocol: 'UDP', targetPort: 'dns' },
      { name: 'tcp', port: 53, protocol: 'TCP', targetPort: 'dns' },
    ],
  });
  assert.deepEqual(
    groups(service, pod)[0]?.ports.map(({ port, protocol }) => [port, protocol]),
    [
      [5353, 'UDP'],
      [5354, 'TCP'],
    ],
  );
});

test('each family has its own slices (row 33)', () => {
  const pod = podObject('a', { ip: ['10.244.0.1', 'fd00::1'] });
  const service = serviceObject('web', { ipFamilies: ['IPv6', 'IPv4'] });
  assert.deepEqual(
    groups(service, pod).map(({ addressType, endpoints }) => [
      addressType,
      endpoints[0]?.addresses,
    ]),
    [
      ['IPv6', ['fd00::1']],
      ['IPv4', ['10.244.0.1']],
    ],
  );
});

test('the hostname is told only below the Service that is the pod’s subdomain', () => {
  const pod = podObject('a', { ip: '10.244.0.1', spec: { hostname: 'db-0', subdomain: 'db' } });
  const hostname = (name: string) => groups(serviceObject(name), pod)[0]?.endpoints[0]?.hostname;
  assert.equal(hostname('db'), 'db-0');
  assert.equal(hostname('web'), undefined);
});
