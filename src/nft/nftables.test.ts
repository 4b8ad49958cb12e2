import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { elementKey } from './element.ts';
import type { Operation } from './operation.ts';
import { NftRefused } from './refusal.ts';
import { rulesetText } from './ruleset-text.ts';
import { replacementOf } from './ruleset.ts';
import type { SetDefinition } from './set.ts';
import { freshNftables, type FreshNftables } from './testing/fresh-nftables.ts';
import { nftCases } from './testing/nft-cases.ts';

const table = { family: 'ip', name: 't' } as const;
const T = { family: 'ip', table: 't' } as const;
const addTable: Operation = { kind: 'add table', table };

describe('the kernel', () => {
  let fresh: FreshNftables;
  before(() => (fresh = freshNftables()));
  after(() => fresh.dispose());
  beforeEach(() => void fresh.nft('flush ruleset'));

  const list = (): string => fresh.nft('list ruleset');

  describe('does the same for our operations as for the command', () => {
    for (const { setup, command, operations } of nftCases) {
      test(command, () => {
        fresh.nft(`${setup}\n${command}`);
        const theirs = list();
        fresh.nft(`flush ruleset\n${setup}`);
        fresh.nftables.commit(operations);
        assert.equal(withoutTimes(list()), withoutTimes(theirs));
      });
    }
  });

  describe('gives back what nft made', () => {
    for (const { setup, command } of nftCases) {
      test(command, () => {
        fresh.nft(`${setup}\n${command}`);
        const theirs = list();
        const read = fresh.nftables.readRuleset();
        fresh.nft('flush ruleset');
        fresh.nftables.commit(read.flatMap(replacementOf));
        assert.equal(withoutTimes(list()), withoutTimes(theirs));
        assert.deepEqual(withoutExpiry(fresh.nftables.readRuleset()), withoutExpiry(read));
      });
      test(`and it prints as text that nft reads: ${command}`, () => {
        fresh.nft(`${setup}\n${command}`);
        const theirs = list();
        const text = rulesetText(fresh.nftables.readRuleset());
        fresh.nft(`flush ruleset\n${text}`);
        assert.equal(withoutTimes(list()), withoutTimes(theirs));
      });
    }
  });

  test('keeps a batch whole: the refusal names the operation, nothing is applied', () => {
    const chain = { ...T, name: 'c' };
    const operations: Operation[] = [
      addTable,
      { kind: 'add chain', chain },
      { kind: 'delete chain', chain: { ...T, name: 'missing' } },
      {
        kind: 'add rule',
        rule: { ...T, chain: 'c', expressions: [{ kind: 'lookup', set: 'none', from: 1 }] },
      },
    ];
    assert.throws(
      () => fresh.nftables.commit(operations),
      (error) => {
        assert.ok(error instanceof NftRefused);
        assert.equal(error.code, 'NFT_REFUSED');
        const seen = error.refusals.map(({ index, errno }) => [index, errno]);
        assert.deepEqual(seen, [
          [2, 'ENOENT'],
          [3, 'ENOENT'],
        ]);
        assert.match(error.message, /operation 2, delete chain ip t missing: ENOENT/);
        assert.match(error.message, /operation 3, add rule ip t c .*@none: ENOENT/);
        return true;
      },
    );
    assert.equal(list(), '');
  });

  test('points at the element it refuses, among thousands in several messages', () => {
    const map: SetDefinition = { ...T, name: 'm', key: ['ipv4_addr'], data: ['mark'] };
    const element = (index: number, mark: number): { key: [string]; data: [number] } => ({
      key: [`10.0.${index >> 8}.${index & 255}`],
      data: [mark],
    });
    fresh.nftables.commit([
      addTable,
      { kind: 'add set', set: map },
      { kind: 'add element', set: map, elements: [element(4567, 1)] },
    ]);
    const elements = Array.from({ length: 6000 }, (_, index) => element(index, 2));
    assert.throws(() => fresh.nftables.commit([{ kind: 'add element', set: map, elements }]), {
      message: /operation 0, add element ip t m \{ 10\.0\.17\.215 : 0x00000002 \}: EEXIST/,
    });
    assert.equal(fresh.nftables.listElements(map).length, 1);
  });

  test('takes a chain policy or type it does not know back as a refusal with its own words', () => {
    const base = { type: 'nat', hook: 'forward', priority: 0, policy: 'accept' } as const;
    const operations: Operation[] = [
      addTable,
      { kind: 'add chain', chain: { ...T, name: 'c', base } },
    ];
    assert.throws(() => fresh.nftables.commit(operations), {
      message: /add chain ip t c: EOPNOTSUPP/,
    });
  });

  test('goes on after a refusal: the next batch is answered for itself', () => {
    assert.throws(() => fresh.nftables.commit([{ kind: 'delete table', table }]));
    fresh.nftables.commit([addTable]);
    assert.deepEqual(fresh.nftables.listTables(), [table]);
  });

  test('lists the counters of a table that has other objects, too', () => {
    fresh.nft('add table ip t; add quota ip t q { over 1 bytes; }; add counter ip t c');
    const [counter, ...others] = fresh.nftables.listCounters(table);
    assert.equal(counter?.name, 'c');
    assert.deepEqual(others, []);
  });

  test('refuses a batch made for an older generation', () => {
    const generation = fresh.nftables.generation();
    fresh.nft('add table ip other');
    assert.throws(
      () => fresh.nftables.commit([addTable], { generation }),
      (error) => error instanceof NftRefused && error.isStale,
    );
    fresh.nftables.commit([addTable], { generation: fresh.nftables.generation() });
  });

  test('holds intervals of single keys, up to the last key, and gives them back', () => {
    const set: SetDefinition = { ...T, name: 's', key: ['ipv4_addr'], interval: true };
    const elements = [
      { key: ['10.0.0.0'], keyEnd: ['10.255.255.255'] },
      { key: ['11.0.0.0'], keyEnd: ['11.0.0.9'] },
      { key: ['192.168.1.1'] },
      { key: ['255.255.255.0'], keyEnd: ['255.255.255.255'] },
    ];
    fresh.nftables.commit([
      addTable,
      { kind: 'add set', set },
      { kind: 'add element', set, elements },
    ]);
    assert.deepEqual(fresh.nftables.listElements(set), elements);
    assert.match(
      list(),
      /10\.0\.0\.0\/8, 11\.0\.0\.0-11\.0\.0\.9,\s+192\.168\.1\.1, 255\.255\.255\.0\/24/,
    );
    fresh.nftables.commit([{ kind: 'delete element', set, elements: elements.slice(1, 2) }]);
    assert.equal(fresh.nftables.listElements(set).length, 3);
  });

  test('changes an element by deleting and adding it in one transaction', () => {
    const set: SetDefinition = {
      ...T,
      name: 'm',
      key: ['ipv4_addr', 'inet_service'],
      data: ['ipv4_addr'],
    };
    const key = ['10.0.0.1', 80];
    fresh.nftables.commit([
      addTable,
      { kind: 'add set', set },
      { kind: 'add element', set, elements: [{ key, data: ['1.1.1.1'] }] },
    ]);
    fresh.nftables.commit([
      { kind: 'delete element', set, elements: [{ key }] },
      { kind: 'add element', set, elements: [{ key, data: ['2.2.2.2'] }] },
    ]);
    assert.deepEqual(fresh.nftables.getElements(set, [{ key }]), [{ key, data: ['2.2.2.2'] }]);
    assert.throws(() => fresh.nftables.getElements(set, [{ key: ['10.0.0.2', 80] }]), {
      errnoName: 'ENOENT',
    });
  });

  test('takes 20,000 elements in one batch and gives all of them back', () => {
    const set: SetDefinition = { ...T, name: 's', key: ['ipv6_addr', 'inet_service'] };
    const elements = Array.from({ length: 20_000 }, (_, index) => ({
      key: [`fd00::${index.toString(16)}`, 80],
    })).slice(1);
    fresh.nftables.commit([
      addTable,
      { kind: 'add set', set },
      { kind: 'add element', set, elements },
    ]);
    const read = fresh.nftables.listElements(set).map(elementKey).sort();
    assert.deepEqual(read, elements.map(elementKey).sort());
  });

  test('reads a table without what the packet path put into its dynamic sets', () => {
    fresh.nft(`table ip t {
      set s { type ipv4_addr; flags dynamic,timeout; size 10; elements = { 10.0.0.1 timeout 1h }; }
      set fixed { type ipv4_addr; elements = { 10.0.0.2 }; }
    }`);
    const counts = (contents: ReturnType<typeof fresh.nftables.readTable>): unknown =>
      contents?.sets.map(({ definition, elements }) => [definition.name, elements.length]);
    assert.deepEqual(counts(fresh.nftables.readTable('ip', 't')), [
      ['s', 1],
      ['fixed', 1],
    ]);
    assert.deepEqual(counts(fresh.nftables.readTable('ip', 't', { withoutDynamic: true })), [
      ['s', 0],
      ['fixed', 1],
    ]);
  });

  test('deletes, inserts and replaces rules by handle', () => {
    const rule = (code: 'accept' | 'drop' | 'return') => ({
      ...T,
      chain: 'c',
      expressions: [{ kind: 'immediate', verdict: { code } } as const],
    });
    fresh.nftables.commit([
      addTable,
      { kind: 'add chain', chain: { ...T, name: 'c' } },
      { kind: 'add rule', rule: rule('drop') },
      { kind: 'insert rule', rule: rule('accept') },
    ]);
    const [first, second] = fresh.nftables.listRules(table);
    assert.ok(first?.handle !== undefined && second !== undefined);
    fresh.nftables.commit([
      { kind: 'replace rule', rule: { ...rule('return'), handle: first.handle } },
      { kind: 'delete rule', rule: second },
    ]);
    const left = fresh.nftables.listRules(table).map(({ expressions }) => expressions);
    assert.deepEqual(left, [rule('return').expressions]);
  });
});

function withoutTimes(text: string): string {
  return text.replace(/ expires \S+/g, '');
}

/** What is left of a time-out goes on while we look; handles are new in a new table. */
function withoutExpiry(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => {
      if (key === 'expires' || key === 'handle') return undefined;
      return typeof inner === 'bigint' ? String(inner) : inner;
    }),
  );
}
