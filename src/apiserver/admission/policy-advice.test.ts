import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  clusterNetworkPolicyKind,
  configMapKind,
  networkPolicyKind,
  type AnyObject,
  type ClusterNetworkPolicy,
  type NetworkPolicy,
} from '../../kube/index.ts';
import { PolicyAdvice } from './policy-advice.ts';
import { creation, requestOf } from './testing/requests.ts';

const policy: NetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { podSelector: {} },
};

const clusterPolicy: ClusterNetworkPolicy = {
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'quarantine' },
  spec: { tier: 'Admin', priority: 1, subject: { namespaces: {} } },
};

describe('PolicyAdvice on a network without policies', () => {
  const plugin = new PolicyAdvice({ policyEnforcement: false });
  const write = creation(networkPolicyKind, policy);

  test('says that the policy has no effect, and what would give it one', () => {
    const [warning = ''] = plugin.admit(write)?.warnings ?? [];
    assert.match(warning, /^policies are not enforced on the network of this cluster: /);
    assert.match(warning, /NetworkPolicy shop\/web is stored, .* --cni portolan/);
  });

  test('speaks of every kind of policy, and of updates, too', () => {
    const request = creation(clusterNetworkPolicyKind, clusterPolicy);
    assert.match(String(plugin.admit(request)?.warnings), /ClusterNetworkPolicy quarantine/);
    const update = plugin.admit({ ...write, operation: 'UPDATE', previous: write.object });
    assert.equal(update?.warnings?.length, 1);
  });

  test('says nothing of deletions, of statuses and of other objects', () => {
    const previous = policy as unknown as AnyObject;
    const others = [
      requestOf(networkPolicyKind, { operation: 'DELETE', previous }),
      { ...creation(clusterNetworkPolicyKind, clusterPolicy), subresource: 'status' },
      creation(configMapKind, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
    ];
    for (const request of others) assert.equal(plugin.admit(request), undefined);
  });
});

test('PolicyAdvice says nothing where policies are enforced', () => {
  const outcome = new PolicyAdvice({}).admit(creation(networkPolicyKind, policy));
  assert.deepEqual(outcome?.warnings, []);
});
