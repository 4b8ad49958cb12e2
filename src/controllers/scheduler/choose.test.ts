import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, PodSpec } from '../../kube/index.ts';
import { nodeObject, podObject } from '../testing/objects.ts';
import type { Candidate } from './candidate.ts';
import { chooseNode } from './choose.ts';

function candidate(node: Node, ...pods: Pod[]): Candidate {
  return { node, pods };
}

function pod(spec: Partial<PodSpec> = {}, labels: Record<string, string> = {}): Pod {
  return podObject('web', { spec, labels });
}

const three = ['node1', 'node2', 'node3'].map((name) => candidate(nodeObject(name)));

function chosen(wanted: Pod, candidates: readonly Candidate[] = three): string {
  const choice = chooseNode(wanted, candidates);
  return choice.node ?? choice.message;
}

function requests(cpu: string): Partial<PodSpec> {
  return { containers: [{ name: 'web', resources: { requests: { cpu } } }] };
}

test('without wishes, the node with the fewest pods', () => {
  const busy = candidate(nodeObject('node1'), podObject('a'), podObject('b'));
  assert.equal(chosen(pod(), [busy, candidate(nodeObject('node2'), podObject('c'))]), 'node2');
});

test('pods of one owner spread first', () => {
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'web',
    uid: 'rs',
    controller: true,
  };
  const owned = (name: string): Pod => {
    const made = podObject(name);
    return { ...made, metadata: { ...made.metadata, ownerReferences: [owner] } };
  };
  const candidates = [
    candidate(nodeObject('node1'), owned('a')),
    candidate(nodeObject('node2'), podObject('x'), podObject('y'), podObject('z')),
  ];
  assert.equal(chosen(owned('b'), candidates), 'node2');
});

test('nodeSelector and required affinity', () => {
  const ssd = candidate(nodeObject('node9', { labels: { disk: 'ssd', size: '10' } }));
  const nodes = [...three, ssd];
  assert.equal(chosen(pod({ nodeSelector: { disk: 'ssd' } }), nodes), 'node9');
  const required = (operator: 'Gt' | 'Exists' | 'NotIn', key: string, values: string[] = []) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
        },
      },
    },
  });
  assert.equal(chosen(pod(required('Gt', 'size', ['5'])), nodes), 'node9');
  assert.equal(chosen(pod(required('NotIn', 'disk', ['ssd'])), nodes), 'node1');
  assert.equal(
    chosen(pod(required('Exists', 'gpu'))),
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
  );
});

test('preferred affinity outweighs spreading', () => {
  const candidates = [
    candidate(nodeObject('node1')),
    candidate(nodeObject('node2', { labels: { disk: 'ssd' } }), podObject('a'), podObject('b')),
  ];
  const preference = {
    matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }],
  };
  const preferredDuringSchedulingIgnoredDuringExecution = [{ weight: 10, preference }];
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution } };
  assert.equal(chosen(pod({ affinity }), candidates), 'node2');
});

test('taints keep pods away that do not tolerate them', () => {
  const taints = [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' as const }];
  const only = [candidate(nodeObject('node1', { spec: { taints } }))];
  assert.equal(
    chosen(pod(), only),
    '0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: db}.',
  );
  assert.equal(
    chosen(pod({ tolerations: [{ key: 'dedicated', operator: 'Exists' }] }), only),
    'node1',
  );
  const soft = [{ key: 'dedicated', effect: 'PreferNoSchedule' as const }];
  assert.equal(
    chosen(pod(), [candidate(nodeObject('node1', { spec: { taints: soft } }))]),
    'node1',
  );
});

test('a cordoned node takes no new pods', () => {
  const cordoned = candidate(nodeObject('node1', { spec: { unschedulable: true } }));
  assert.equal(chosen(pod(), [cordoned]), '0/1 nodes are available: 1 node(s) were unschedulable.');
  assert.equal(chosen(pod(), [cordoned, ...three.slice(1)]), 'node2');
});

test('requests fit into what is left; init containers count by their largest', () => {
  const full = candidate(nodeObject('node1'), podObject('a', { spec: requests('3500m') }));
  assert.equal(chosen(pod(requests('500m')), [full]), 'node1');
  assert.equal(
    chosen(pod(requests('501m')), [full]),
    '0/1 nodes are available: 1 Insufficient cpu.',
  );
  const initContainers = [{ name: 'init', resources: { requests: { cpu: '600m' } } }];
  assert.match(chosen(pod({ ...requests('100m'), initContainers }), [full]), /Insufficient cpu/);
});

test('a host port is taken once on a node', () => {
  const ports = [{ containerPort: 80, hostPort: 8080 }];
  const spec = { containers: [{ name: 'web', ports }] };
  const taken = candidate(nodeObject('node1'), podObject('a', { spec }));
  assert.match(chosen(pod(spec), [taken]), /didn't have free ports for the requested pod ports/);
  assert.equal(chosen(pod(spec), [taken, candidate(nodeObject('node2'))]), 'node2');
});

test('anti-affinity holds both ways', () => {
  const term = {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchLabels: { app: 'db' } },
  };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const db = podObject('db', { labels: { app: 'db' }, spec: { affinity } });
  const withDb = candidate(nodeObject('node1'), db);
  assert.equal(chosen(db, [withDb, candidate(nodeObject('node2'))]), 'node2');
  assert.match(chosen(db, [withDb]), /didn't match pod anti-affinity rules/);
  assert.match(chosen(pod({}, { app: 'db' }), [withDb]), /existing pods anti-affinity rules/);
});

test('reasons are counted by node', () => {
  const nodes = [
    candidate(nodeObject('node1', { spec: { unschedulable: true } })),
    candidate(nodeObject('node2')),
    candidate(nodeObject('node3')),
  ];
  assert.equal(
    chosen(pod({ nodeSelector: { disk: 'ssd' } }), nodes),
    "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.",
  );
  assert.equal(chosen(pod(), []), 'no nodes available to schedule pods');
});
