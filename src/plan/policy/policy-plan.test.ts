import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { nthAddress, requireAddress, requireCidr } from '../../ip/index.ts';
import { rulesetText } from '../../nft/index.ts';
import { freshNftables, type FreshNftables } from '../../nft/testing/fresh-nftables.ts';
import type { Entry } from '../../policy/index.ts';
import type { NftRefused } from '../../nft/index.ts';
import { PolicyPlan } from './policy-plan.ts';
import { PolicyProgrammer } from './policy-programmer.ts';

const settings = {
  podCIDRs: ['10.244.0.0/16', 'fd00:10:244::/56'],
  localServices: ['10.96.0.10'],
  canaries: ['10.244.0.0', '10.244.0.1', 'fd00:10:244::', 'fd00:10:244::1'],
};
const pod: Entry = { table: 'classes', address: requireAddress('10.244.0.2'), class: 16 };
const block: Entry = {
  table: 'blocks',
  first: requireAddress('192.0.2.0'),
  last: requireAddress('192.0.2.127'),
  class: 17,
};
const small: readonly Entry[] = [
  pod,
  { table: 'classes', address: requireAddress('fd00:10:244::2'), class: 18 },
  block,
  { table: 'subjects', family: 4, direction: 'ingress', class: 16 },
  { table: 'admissions', family: 4, direction: 'ingress', subject: 16, peer: 17, portSet: 3 },
  { table: 'admissions', family: 6, direction: 'egress', subject: 18, peer: 2, portSet: 2 },
  { table: 'portSets', portSet: 2, span: { protocols: [0, 255], ports: [0, 65_535] } },
  { table: 'portSets', portSet: 3, span: { protocols: [6, 6], ports: [80, 81] } },
  { table: 'portSets', portSet: 3, span: { protocols: [132, 132], ports: [9003, 9003] } },
];

/** As many pods and policies as told, each policy with a class, a block and ports of its own. */
function entriesOf(count: number): Entry[] {
  const pods = requireCidr('10.244.0.0/16');
  const world = requireCidr('192.0.0.0/8');
  return Array.from({ length: count }, (_, at): Entry[] => {
    const own = 100 + at;
    const address = nthAddress(world, at);
    return [
      { table: 'classes', address: nthAddress(pods, at + 2), class: own },
      { table: 'blocks', first: address, last: address, class: 10_000 + at },
      { table: 'subjects', family: 4, direction: 'ingress', class: own },
      {
        table: 'admissions',
        family: 4,
        direction: 'ingress',
        subject: own,
        peer: 10_000 + at,
        portSet: own,
      },
      { table: 'portSets', portSet: own, span: { protocols: [6, 6], ports: [at, at] } },
    ];
  }).flat();
}

describe('the plan of policies', () => {
  let fresh: FreshNftables;
  let plan: PolicyPlan;
  let programmer: PolicyProgrammer;
  let rebuilds: NftRefused[];

  before(() => {
    fresh = freshNftables();
  });
  after(() => fresh.dispose());
  beforeEach(() => {
    fresh.nft('flush ruleset');
    rebuilds = [];
    plan = new PolicyPlan(settings);
    programmer = new PolicyProgrammer(fresh.nftables, plan, ({ cause }) => rebuilds.push(cause));
    plan.apply({ removed: [], added: small });
    programmer.start();
  });

  /** What nft lists, but for numbers in keys of intervals, whose bytes nft 1.0.6 prints in the wrong order. */
  const comparable = (text: string): string[] =>
    text
      .replaceAll(/0x[0-9a-f]{8} \. (tcp|sctp)/g, 'N . $1')
      .replaceAll(/,\s+/g, ', ')
      .replaceAll(/\{ (.*) \}/g, (_, list: string) => list.split(', ').sort().join(', '))
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');

  test('reads in nft as it reads here', () => {
    const listed = fresh.nft('list ruleset');
    assert.deepEqual(comparable(listed), comparable(rulesetText(fresh.nftables.readRuleset())));
    assert.match(listed, /meta priority set ip saddr map @blocks meta mark set/);
  });

  test('is what the kernel has, after each change', () => {
    const other: Entry = { ...pod, class: 19 };
    programmer.commit(plan.apply({ removed: [pod], added: [other] }));
    assert.deepEqual(programmer.resync(), []);
    const halves: Entry[] = [
      { ...block, last: requireAddress('192.0.2.63') },
      { ...block, first: requireAddress('192.0.2.64'), class: 20 },
    ];
    programmer.commit(plan.apply({ removed: [block], added: halves }));
    assert.deepEqual(programmer.resync(), []);
    programmer.commit(plan.apply({ removed: halves, added: [block] }));
    assert.deepEqual(programmer.resync(), []);
    assert.deepEqual(rebuilds, []);
  });

  test('changes one element for one label', () => {
    const operations = plan.apply({ removed: [pod], added: [{ ...pod, class: 19 }] });
    assert.deepEqual(
      operations.map((operation) => [
        operation.kind,
        'elements' in operation ? operation.elements.length : undefined,
      ]),
      [
        ['delete element', 1],
        ['add element', 1],
      ],
    );
  });

  test('has as many chains and rules for 10 policies as for 1,000', () => {
    const counts = [10, 1000].map((count) => {
      const larger = new PolicyPlan(settings);
      larger.apply({ removed: [], added: entriesOf(count) });
      new PolicyProgrammer(fresh.nftables, larger).start();
      const after = fresh.nftables.readTable('ip', 'portolan-policy');
      assert.ok(after);
      const elements = after.sets.find(({ definition }) => definition.name === 'classes');
      assert.equal(elements?.elements.length, count);
      return [after.chains.length, after.chains.flatMap(({ rules }) => rules).length];
    });
    assert.deepEqual(counts[0], counts[1]);
    assert.deepEqual(counts[0], [12, 55]);
  });

  test('repairs what others changed', () => {
    fresh.nft(
      'flush chain ip portolan-policy ingress; delete element ip portolan-policy classes { 10.244.0.2 }',
    );
    assert.ok(programmer.resync().length > 0);
    assert.deepEqual(programmer.resync(), []);
    fresh.nft('delete table ip6 portolan-policy');
    assert.ok(programmer.resync().length > 0);
    assert.deepEqual(programmer.resync(), []);
  });

  test('is written anew when a change is refused, and never half', () => {
    fresh.nft('delete element ip portolan-policy classes { 10.244.0.2 }');
    programmer.commit(plan.apply({ removed: [pod], added: [{ ...pod, class: 19 }] }));
    assert.equal(rebuilds.length, 1);
    assert.deepEqual(programmer.resync(), []);
  });

  test('keeps its counters when it is written anew', () => {
    const counter = {
      family: 'ip',
      table: 'portolan-policy',
      name: 'egress-drops',
      packets: 7n,
      bytes: 1n,
    } as const;
    fresh.nft('flush chain ip portolan-policy drop-egress');
    fresh.nftables.commit([
      { kind: 'delete counter', counter },
      { kind: 'add counter', counter },
    ]);
    assert.equal(programmer.drops().egress, 7n);
    new PolicyProgrammer(fresh.nftables, plan).start();
    assert.equal(programmer.drops().egress, 7n);
    assert.deepEqual(programmer.resync(), []);
  });

  test('is gone when it is stopped', () => {
    programmer.stop();
    assert.equal(fresh.nft('list ruleset'), '');
  });
});
