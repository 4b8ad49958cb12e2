import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  clusterNetworkPolicyKind,
  configMapKind,
  networkPolicyKind,
  type AnyObject,
  type ClusterNetworkPolicy,
  type NetworkPolicy,
  type Pod,
} from '../../kube/index.ts';
import type { AdmissionReader } from './contract.ts';
import { PolicyAdvice } from './policy-advice.ts';
import { creation, readerOf, requestOf } from './testing/requests.ts';

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
  const plugin = new PolicyAdvice({ policyEnforcement: false, reader: readerOf([]) });
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

describe('PolicyAdvice on a network with policies', () => {
  const advice = async (
    reader: AdmissionReader,
    logged: string[] = [],
  ): Promise<readonly string[] | undefined> => {
    const plugin = new PolicyAdvice({ reader, log: (text) => void logged.push(text) });
    const outcome = plugin.admit(creation(networkPolicyKind, policy));
    assert.deepEqual(outcome?.warnings, []);
    return outcome?.advise?.(policy as unknown as AnyObject);
  };
  const pod = (namespace: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace },
    spec: { containers: [{ name: 'main', image: 'busybox' }] },
  });

  test('says when the policy selects nothing', async () => {
    const [text = '', ...others] = (await advice(readerOf([pod('elsewhere')]))) ?? [];
    assert.match(text, /^NetworkPolicy shop\/web: spec\.podSelector /);
    assert.deepEqual(others, []);
  });

  test('says nothing when all is well', async () => {
    assert.deepEqual(await advice(readerOf([pod('shop')])), []);
  });

  test('is found for one policy in each turn of the event loop', async () => {
    const world = readerOf([pod('shop')]);
    let reads = 0;
    const reader: AdmissionReader = {
      get: (...asked) => world.get(...asked),
      list: (...asked) => {
        reads += 1;
        return world.list(...asked);
      },
    };
    const outcome = new PolicyAdvice({ reader }).admit(creation(networkPolicyKind, policy));
    const advise = () => outcome?.advise?.(policy as unknown as AnyObject);
    const [first, second] = [advise(), advise()];
    await first;
    const readsOfOne = reads;
    await second;
    assert.ok(readsOfOne > 0);
    assert.equal(reads, 2 * readsOfOne);
  });

  test('lets no write suffer from what is wrong with itself', async () => {
    const logged: string[] = [];
    const fail = (): never => {
      throw new Error('no store');
    };
    assert.deepEqual(await advice({ get: fail, list: fail }, logged), []);
    assert.deepEqual(logged, ['no advice about NetworkPolicy shop/web: no store']);
  });
});
