import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import { NftRefused, rulesetText, type Ruleset, type SetDefinition } from '../nft/index.ts';
import { freshNftables, type FreshNftables } from '../nft/testing/fresh-nftables.ts';
import { setsOf } from './layout.ts';
import { NodeProgrammer, type NftablesPort } from './node-programmer.ts';
import { TABLE } from './settings.ts';
import { normal } from './testing/normal.ts';
import { capturesOf, type Backend } from './testing/services.ts';
import { settings } from './testing/settings.ts';

const podA: Backend = { addresses: ['10.244.0.2', 'fd00:10:244::2'] };
const podB: Backend = { addresses: ['10.244.0.3', 'fd00:10:244::3'] };
const elsewhere: Backend = { addresses: ['10.244.1.2', 'fd00:10:244:1::2'], nodeName: 'node-2' };

/** One Service of each sort: plain, with a NodePort, without endpoints, with an external policy Local. */
const smallWorld = [
  ['default/web', capturesOf({ backends: [podA, podB], targetPort: 8080 })],
  [
    'default/door',
    capturesOf({
      backends: [podA],
      targetPort: 8080,
      clusterIPs: ['10.96.0.2', 'fd00:10:96::2'],
      nodePort: 30080,
    }),
  ],
  [
    'default/empty',
    capturesOf({ backends: [], targetPort: 80, clusterIPs: ['10.96.0.3', 'fd00:10:96::3'] }),
  ],
  [
    'default/near',
    capturesOf({
      backends: [podA, elsewhere],
      targetPort: 8080,
      clusterIPs: ['10.96.0.4', 'fd00:10:96::4'],
      nodePort: 30081,
      spec: { externalTrafficPolicy: 'Local' },
    }),
  ],
  [
    'default/sticky',
    capturesOf({
      backends: [podA, podB],
      targetPort: 8080,
      clusterIPs: ['10.96.0.5', 'fd00:10:96::5'],
      spec: { sessionAffinity: 'ClientIP' },
    }),
  ],
  [
    'default/guarded',
    capturesOf({
      backends: [podA],
      targetPort: 8080,
      clusterIPs: ['10.96.0.6', 'fd00:10:96::6'],
      spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['172.18.0.0/24', 'fd00:99::/64'] },
      loadBalancerIPs: ['172.18.9.6', 'fd00:18:9::6'],
    }),
  ],
] as const;

describe('NodeProgrammer', () => {
  let fresh: FreshNftables;
  let programmer: NodeProgrammer;
  let rebuilds: NftRefused[];

  before(() => (fresh = freshNftables()));
  after(() => fresh.dispose());
  beforeEach(() => {
    fresh.nft('flush ruleset');
    rebuilds = [];
    programmer = new NodeProgrammer(fresh.nftables, settings, ({ cause }) => rebuilds.push(cause));
    programmer.start(smallWorld);
  });

  const list = (): string =>
    ['ip', 'ip6'].map((family) => fresh.nft(`list table ${family} portolan`)).join('');
  const inKernel = (): Ruleset =>
    (['ip', 'ip6'] as const).flatMap((family) => fresh.nftables.readTable(family, TABLE) ?? []);
  const all = (): string => fresh.nft('list ruleset');

  test('makes the ruleset that nft lists', () => {
    const expected = readFileSync(new URL('testdata/small-world.nft', import.meta.url), 'utf8');
    assert.equal(sortedElements(list()), expected);
  });

  test('prints as nft text that makes the same ruleset', () => {
    const theirs = list();
    const text = rulesetText(programmer.desired());
    fresh.nft(`flush ruleset\n${text}`);
    assert.equal(sortedElements(list()), sortedElements(theirs));
  });

  test('one by one comes to the same as all at once', () => {
    const atOnce = list();
    const one = new NodeProgrammer(fresh.nftables, settings);
    one.start();
    for (const [service, captures] of smallWorld) one.apply(service, captures);
    assert.equal(sortedElements(list()), sortedElements(atOnce));
    one.applyAll(smallWorld.map(([service]) => [service, []]));
    one.applyAll(smallWorld);
    assert.deepEqual(normal(inKernel()), normal(programmer.desired()));
    assert.deepEqual(rebuilds, []);
  });

  test('programs SCTP beside TCP and UDP on one port', () => {
    const tcp = capturesOf({ backends: [podA], targetPort: 8080 });
    const sctp = tcp.slice(0, 1).map((capture) => ({ ...capture, protocol: 'SCTP' as const }));
    programmer.apply('default/web', [...tcp, ...sctp]);
    for (const protocol of ['tcp', 'udp', 'sctp']) {
      assert.match(list(), new RegExp(String.raw`10\.96\.0\.1 \. ${protocol} \. 80 : 0x`));
      assert.match(
        list(),
        new RegExp(String.raw`10\.96\.0\.1 \. ${protocol} \. 80 \. 0 : 10\.244\.0\.2 \. 8080`),
      );
    }
    assert.deepEqual(programmer.resync(), []);
  });

  test('leaves the sessions that the kernel keeps to the kernel', () => {
    const { sessions } = setsOf('ip');
    fresh.nft('add element ip portolan sessions { 0x2 . 10.244.0.9 timeout 1h : 0x3 }');
    assert.deepEqual(programmer.resync(), []);
    programmer.apply('default/web', []);
    assert.equal(fresh.nftables.listElements(sessions).length, 1);
  });

  test('knows whether something came after it looked', () => {
    assert.equal(programmer.isUntouched, false);
    programmer.resync();
    assert.ok(programmer.isUntouched);
    fresh.nft('flush chain ip portolan services');
    assert.equal(programmer.isUntouched, false);
    assert.notEqual(programmer.resync().length, 0);
    assert.ok(programmer.isUntouched);
  });

  test('finds no drift where there is none', () => {
    assert.deepEqual(programmer.resync(), []);
  });

  for (const [name, command] of [
    ['a flushed chain', 'flush chain ip portolan services'],
    ['a foreign rule', 'insert rule ip6 portolan nat-postrouting accept'],
    ['a lost element', 'delete element ip portolan services { 10.96.0.1 . tcp . 80 }'],
    ['a foreign element', 'add element ip portolan refusals { 10.96.9.9 . tcp . 1 : drop }'],
    ['an emptied set', 'flush set ip portolan pod-cidrs'],
    ['a foreign chain', 'add chain ip portolan mine; add rule ip portolan mine drop'],
    ['a lost table', 'delete table ip6 portolan'],
    ['a lost base chain', 'delete chain ip portolan filter-input'],
    ['a lost ruleset', 'flush ruleset'],
    ['a table put to sleep', 'add table ip portolan { flags dormant; }'],
    ['a rule of a sort that we cannot read', 'add rule ip portolan services dup to 192.0.2.1'],
  ] as const) {
    test(`resync repairs ${name}`, () => {
      const before = list();
      fresh.nft(command);
      assert.notEqual(programmer.resync().length, 0);
      assert.equal(sortedElements(list()), sortedElements(before));
      assert.deepEqual(programmer.resync(), []);
    });
  }

  test('resync leaves other tables alone', () => {
    fresh.nft('add table ip other');
    programmer.resync();
    assert.match(all(), /table ip other/);
  });

  test('writes everything anew when the kernel refuses a change, and says so', () => {
    fresh.nft('delete element ip portolan services { 10.96.0.1 . tcp . 80 }');
    programmer.apply('default/web', []);
    assert.match(
      rebuilds[0]?.message ?? '',
      /delete element ip portolan services \{ 10\.96\.0\.1 \. tcp \. 80 \}: ENOENT/,
    );
    assert.deepEqual(programmer.resync(), []);
  });

  test('goes on trying to write everything when even that failed', () => {
    const commit = fresh.nftables.commit.bind(fresh.nftables);
    let failures = 0;
    const flaky: NftablesPort = {
      commit(operations, options) {
        failures -= 1;
        if (failures >= 0) throw new NftRefused([], operations.length);
        commit(operations, options);
      },
      generation: () => fresh.nftables.generation(),
      readTable: (...which) => fresh.nftables.readTable(...which),
      listTables: () => fresh.nftables.listTables(),
      listSets: (table) => fresh.nftables.listSets(table),
      listElements: (set) => fresh.nftables.listElements(set),
      close: () => {},
    };
    const unlucky = new NodeProgrammer(flaky, settings);
    unlucky.start(smallWorld);
    failures = 2;
    assert.throws(() => unlucky.apply('default/web', []), { code: 'NFT_REFUSED' });
    unlucky.apply('default/door', []);
    assert.deepEqual(unlucky.resync(), []);
  });

  test('stop leaves nothing behind', () => {
    programmer.stop();
    assert.equal(all(), '');
    programmer.stop();
  });

  test('the kernel holds exactly the elements of the plan', () => {
    const sets: readonly SetDefinition[] = Object.values({ ...setsOf('ip') });
    for (const set of sets) {
      const desired = programmer.desired()[0]?.sets.find(({ definition }) => definition === set);
      const sorted = (values: readonly unknown[]): string[] =>
        values.map((value) => JSON.stringify(value)).sort();
      assert.deepEqual(
        sorted(fresh.nftables.listElements(set)),
        sorted(desired?.elements ?? []),
        set.name,
      );
    }
  });
});

/** nft lists the elements of hash tables in no order. */
function sortedElements(text: string): string {
  return text.replace(/elements = \{ ([^}]*) \}/g, (_, elements: string) => {
    const sorted = elements
      .split(',')
      .map((element) => element.trim())
      .sort();
    return `elements = { ${sorted.join(',\n\t\t\t     ')} }`;
  });
}
