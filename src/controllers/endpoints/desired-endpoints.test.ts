import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSubset, Pod } from '../../kube/index.ts';
import { podObject, serviceObject } from '../testing/objects.ts';
import { desiredSubsets, endpointsCapacity } from './desired-endpoints.ts';

function listening(name: string, ip: string, containerPort: number): Pod {
  const ports = [{ name: 'http', containerPort }];
  return podObject(name, { ip, spec: { containers: [{ name: 'web', ports }] } });
}

function deleted(pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

/** `PORTS: READY / NOT READY` */
function textOf({ ports = [], addresses = [], notReadyAddresses = [] }: EndpointSubset): string {
  const ips = (list: typeof addresses) => list.map(({ ip }) => ip).join(',');
  return `${ports.map(({ port }) => port).join(',')}: ${ips(addresses)} / ${ips(notReadyAddresses)}`;
}

const named = { ports: [{ name: 'www', port: 80, targetPort: 'http' }] };

test('pods of one set of port numbers are one subset, whatever order they come in (row 28)', () => {
  const pods = [
    listening('c', '10.244.0.3', 8081),
    listening('b', '10.244.0.2', 8080),
    listening('a', '10.244.0.1', 8080),
    podObject('without', { ip: '10.244.0.4' }),
  ];
  const expected = ['8080: 10.244.0.1,10.244.0.2 / ', '8081: 10.244.0.3 / '];
  const service = serviceObject('web', named);
  assert.deepEqual(desiredSubsets(service, pods).subsets.map(textOf), expected);
  assert.deepEqual(desiredSubsets(service, pods.reverse()).subsets.map(textOf), expected);
});

test('publishNotReadyAddresses makes everything with an address ready (row 26)', () => {
  const pods = [
    podObject('starting', { ip: '10.244.0.1', isReady: false }),
    deleted(podObject('going', { ip: '10.244.0.2' })),
  ];
  const subsets = (publishNotReadyAddresses: boolean) =>
    desiredSubsets(serviceObject('web', { publishNotReadyAddresses }), pods).subsets.map(textOf);
  assert.deepEqual(subsets(false), ['8080:  / 10.244.0.1']);
  assert.deepEqual(subsets(true), ['8080: 10.244.0.1,10.244.0.2 / ']);
});

test('only the primary family is told (row 33)', () => {
  const pod = podObject('a', { ip: ['10.244.0.1', 'fd00::1'] });
  const service = serviceObject('web', { ipFamilies: ['IPv6', 'IPv4'] });
  assert.deepEqual(desiredSubsets(service, [pod]).subsets.map(textOf), ['8080: fd00::1 / ']);
});

test('a headless Service without ports has addresses without ports', () => {
  const service = serviceObject('web', { clusterIP: 'None', ports: [] });
  const { subsets } = desiredSubsets(service, [podObject('a', { ip: '10.244.0.1' })]);
  assert.deepEqual(subsets.map(textOf), [': 10.244.0.1 / ']);
});

test('above capacity the ready ones stay, and the cut is told', () => {
  const pods = Array.from({ length: endpointsCapacity + 1 }, (_, at) =>
    podObject(`web-${at}`, { ip: `10.244.${at >> 8}.${at & 255}`, isReady: at > 0 }),
  );
  const { subsets, truncated } = desiredSubsets(serviceObject('web'), pods);
  assert.equal(truncated, true);
  assert.equal(subsets[0]?.addresses?.length, endpointsCapacity);
  assert.equal(subsets[0]?.notReadyAddresses, undefined);
  assert.equal(desiredSubsets(serviceObject('web'), pods.slice(1)).truncated, false);
});
