import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { PolicyLab } from './testing/policy-lab.ts';
import { proveEnforcement } from './self-proof.ts';

describe('the proof that policies are enforced', () => {
  let lab: PolicyLab;
  before(async () => {
    lab = await PolicyLab.create({ nodes: 1 });
  });
  after(() => lab.dispose());
  afterEach(() => lab.clear());

  async function prove(limitMs?: number): Promise<void> {
    const [node] = lab.nodes;
    assert.ok(node);
    await proveEnforcement({
      kernel: lab.test.kernel,
      enforcer: lab.enforcer,
      node,
      addresses: node.canaries,
      pin: (name) => lab.test.pin(name),
      world: () => ({ ...lab.world, podRanges: lab.enforcer.podRanges }),
      ...(limitMs === undefined ? {} : { limitMs }),
    });
  }

  test("is given, leaves nothing behind, and is nobody's news", async () => {
    await prove();
    await prove();
    assert.equal(lab.drops(), 0);
  });

  test('is given whatever policies of the cluster say of the canaries', async () => {
    lab.clusterPolicy('all', {
      tier: 'Admin',
      priority: 1,
      subject: { namespaces: {} },
      ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
    });
    await prove();
  });

  test('is given while this process is busy with something else all the time', async () => {
    const limitMs = 50;
    let isProven = false;
    const block = (): void => {
      const end = performance.now() + 2 * limitMs;
      while (performance.now() < end);
      if (!isProven) setImmediate(block);
    };
    setImmediate(block);
    await prove(limitMs).finally(() => (isProven = true));
  });

  test('fails when packets get lost', async () => {
    const [node] = lab.nodes;
    assert.ok(node);
    lab.nft(node, 'add table ip swallow');
    lab.nft(
      node,
      'add chain ip swallow forward { type filter hook forward priority -300; policy drop; }',
    );
    await assert.rejects(prove(50), {
      code: 'POLICIES_NOT_PROVEN',
      message: 'node node1 does not enforce network policies: 10.244.0.1 is silent',
    });
    lab.nft(node, 'delete table ip swallow');
  });

  test('fails when the rules are not there', async () => {
    const [node] = lab.nodes;
    assert.ok(node);
    lab.nft(node, 'flush chain ip portolan-policy ingress');
    await assert.rejects(prove(), {
      code: 'POLICIES_NOT_PROVEN',
      message:
        'node node1 does not enforce network policies: under a policy a connection to 10.244.0.1 was admitted that had to be dropped',
    });
  });
});
