import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { formatAddress } from '../../ip/index.ts';
import { Nftables } from '../../nft/index.ts';
import { until } from '../testing/until.ts';
import { PolicyLab, type LabNode, type LabPod } from './testing/policy-lab.ts';

const app = (name: string) => ({ matchLabels: { app: name } });

describe('enforcement of policies', () => {
  let lab: PolicyLab;
  let node1: LabNode;
  let a: LabPod;
  let b: LabPod;

  before(async () => {
    lab = await PolicyLab.create();
    node1 = lab.nodes[0] as LabNode;
    a = await lab.pod({ name: 'a', labels: { app: 'a' } });
    b = await lab.pod({ name: 'b', labels: { app: 'b' } });
  });
  after(() => lab.dispose());
  afterEach(() => lab.clear());

  /**
   * Leaves no room for another chain on the forward hook (MAX_HOOK_COUNT of net/netfilter/core.c), so that tables cannot
   * be replaced, and takes an element away, so that they have to be. Returns how to undo the former.
   */
  function breakNode(pod: LabPod): () => void {
    const chains = Array.from(
      { length: 1023 },
      (_, at) => `chain c${at} { type filter hook forward priority 300; }`,
    );
    lab.nft(node1, `table ip filler {\n${chains.join('\n')}\n}`);
    const [address] = pod.addresses;
    assert.ok(address);
    lab.nft(node1, `delete element ip portolan-policy classes { ${formatAddress(address)} }`);
    return () => lab.nft(node1, 'delete table ip filler');
  }

  function generation(): number {
    const nftables = new Nftables(lab.test.kernel.openNetfilterSocket(node1.netns));
    const found = nftables.generation();
    nftables.close();
    return found;
  }

  test('follows what happens in one turn of the event loop in one transaction', async () => {
    const before = generation();
    lab.policy('one', { podSelector: app('a') });
    lab.policy('two', { podSelector: app('b') });
    lab.relabel(a, { app: 'a', more: 'x' });
    await until('the policies are in force', () => (generation() === before ? undefined : true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(generation(), before + 1);
  });

  test('leaves isolated who is isolated when the kernel refuses, says so, and comes back', async () => {
    lab.policy('deny', { podSelector: app('b') });
    assert.ok(!(await lab.traffic.reaches(a, b)));
    const c = await lab.pod({ name: 'c' });
    const policies = lab.enforcer.of(node1.name);
    const problems: (string | undefined)[] = [];
    policies.onChange(() => problems.push(policies.problem));
    const repair = breakNode(c);
    lab.sources.pods.delete('default/c');
    lab.clear();
    assert.ok(!(await lab.traffic.reaches(a, b)), 'the old rules are in force');
    assert.match(
      String(policies.problem),
      /^PolicyProgrammingFailed: cannot program network policies/,
    );
    await assert.rejects(lab.pod({ name: 'late' }), { code: 'POLICIES_NOT_ENFORCED' });
    repair();
    await until('the node is well', () => (policies.problem === undefined ? true : undefined));
    assert.ok(await lab.traffic.reaches(a, b));
    assert.deepEqual(problems.length, 2);
    assert.deepEqual(
      lab.log.splice(0).filter((text) => !text.includes('node1')),
      [],
    );
  });
});

test('a new daemon goes on where an earlier one ended', async () => {
  const lab = await PolicyLab.create();
  const a = await lab.pod({ name: 'a', labels: { app: 'a' } });
  const b = await lab.pod({ name: 'b', labels: { app: 'b' } });
  lab.policy('deny', { podSelector: app('b') });
  assert.ok(!(await lab.traffic.reaches(a, b)));
  const next = lab.createEnforcer();
  await next.start();
  assert.equal(next.drops()[0]?.ingress, 1, 'the counters go on');
  assert.ok(!(await lab.traffic.reaches(a, b)));
  next.close();
  lab.dispose();
});
