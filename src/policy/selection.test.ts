import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policiesOf, selects } from './selection.ts';
import { api, host, isWeb, namespaces, otherWeb, web } from './testing/cast.ts';
import { clusterPolicyOf, podOf, policyOf, worldOf } from './testing/objects.ts';

const done = podOf('done', { labels: { app: 'web' }, status: { phase: 'Succeeded' } });
const pods = [web, api, otherWeb, host, done];

test('a NetworkPolicy selects pods of its namespace that have a network of their own and run', () => {
  const world = worldOf({ namespaces });
  assert.deepEqual(selects(world, policyOf('p', { podSelector: isWeb }), pods), [web]);
  assert.deepEqual(selects(world, policyOf('p', {}), pods), [web, api]);
});

test('a ClusterNetworkPolicy selects pods by namespaces too', () => {
  const subject = { namespaces: { matchLabels: { team: 'two' } } };
  assert.deepEqual(selects(worldOf({ namespaces }), clusterPolicyOf('c', { subject }), pods), [
    otherWeb,
  ]);
});

test('the policies of a pod stand apart by direction, in the order they are read', () => {
  const world = worldOf({
    policies: [
      policyOf('in', { podSelector: isWeb }),
      policyOf('both', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    ],
    clusterPolicies: [
      clusterPolicyOf('admin', { egress: [{ action: 'Pass', to: [{ namespaces: {} }] }] }),
    ],
  });
  const { egress, ingress } = policiesOf(world, web);
  assert.deepEqual(
    egress.map(({ name }) => name),
    ['admin', 'both'],
  );
  assert.deepEqual(
    ingress.map(({ name }) => name),
    ['both', 'in'],
  );
  assert.deepEqual(policiesOf(world, host), { egress: [], ingress: [] });
});
