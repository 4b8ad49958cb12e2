import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { requireAddress, type Address } from './address.ts';
import {
  compareCidrs,
  containsAddress,
  firstAddress,
  formatCidr,
  isSameCidr,
  requireCidr,
  type Cidr,
} from './cidr.ts';
import { PrefixTrie } from './prefix-trie.ts';
import { anyAddress, anyCidr } from './testing/arbitrary.ts';

function trieOf(...texts: readonly string[]): PrefixTrie<string> {
  const trie = new PrefixTrie<string>();
  for (const text of texts) trie.set(requireCidr(text), text);
  return trie;
}

describe('PrefixTrie', () => {
  test('finds the most specific prefix', () => {
    const trie = trieOf('10.0.0.0/8', '10.244.0.0/16', '10.244.1.0/24', '::/0');
    const match = (text: string) => trie.match(requireAddress(text))?.value;
    assert.equal(match('10.244.1.7'), '10.244.1.0/24');
    assert.equal(match('10.244.2.7'), '10.244.0.0/16');
    assert.equal(match('10.1.1.1'), '10.0.0.0/8');
    assert.equal(match('11.1.1.1'), undefined);
    assert.equal(match('fd00::1'), '::/0');
  });

  test('lists every prefix that holds an address, shortest first', () => {
    const trie = trieOf('10.244.1.0/24', '0.0.0.0/0', '10.0.0.0/8', '10.244.2.0/24');
    const found = trie.matches(requireAddress('10.244.1.7')).map(({ value }) => value);
    assert.deepEqual(found, ['0.0.0.0/0', '10.0.0.0/8', '10.244.1.0/24']);
  });

  test('lets a new value take the place of the old', () => {
    const trie = trieOf('10.0.0.0/8').set(requireCidr('10.0.0.0/8'), 'new');
    assert.equal(trie.get(requireCidr('10.0.0.0/8')), 'new');
    assert.equal(trie.size, 1);
  });

  test('stores undefined as a value like any other', () => {
    const trie = new PrefixTrie<undefined>().set(requireCidr('10.0.0.0/8'), undefined);
    assert.ok(trie.match(requireAddress('10.0.0.1')));
  });

  test('does not confuse a place where prefixes part with a prefix', () => {
    const trie = trieOf('10.0.0.0/24', '10.0.1.0/24');
    assert.equal(trie.get(requireCidr('10.0.0.0/23')), undefined);
    assert.ok(!trie.delete(requireCidr('10.0.0.0/23')));
    assert.equal(trie.match(requireAddress('10.0.2.1')), undefined);
  });

  test('does what a list of prefixes does, through any sets and deletes', () => {
    const operation = fc.record({ cidr: anyCidr, remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(operation), fc.array(anyAddress), (operations, addresses) => {
        const trie = new PrefixTrie<string>();
        const list = new Map<string, Cidr>();
        for (const { cidr, remove } of operations) {
          // Half of the deletes hit something that is there.
          const target = remove ? ([...list.values()][0] ?? cidr) : cidr;
          const text = formatCidr(target);
          if (remove) {
            assert.equal(trie.delete(target), list.delete(text));
            continue;
          }
          trie.set(target, text);
          list.set(text, target);
        }
        assertSame(trie, [...list.values()], addresses);
      }),
    );
  });
});

/** Compares with the naive reading of the same prefixes, at the given addresses and at each prefix's first. */
function assertSame(
  trie: PrefixTrie<string>,
  list: readonly Cidr[],
  addresses: readonly Address[],
): void {
  assert.equal(trie.size, list.length);
  const entries = [...trie.entries()].map(({ cidr }) => cidr);
  assert.deepEqual(entries, list.toSorted(compareCidrs));
  for (const address of [...addresses, ...list.map(firstAddress)]) {
    const holding = list
      .filter((cidr) => containsAddress(cidr, address))
      .toSorted((a, b) => a.prefixLength - b.prefixLength);
    assert.deepEqual(
      trie.matches(address).map(({ cidr }) => cidr),
      holding,
    );
    const best = trie.match(address)?.cidr;
    const expected = holding.at(-1);
    assert.ok(best === expected || (best && expected && isSameCidr(best, expected)));
  }
}
