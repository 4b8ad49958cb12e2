import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { containsAddress, formatAddress, requireAddress, requireCidr } from '../../ip/index.ts';
import { BlockMap, type Interval } from './block-map.ts';
import { ClassTable, type Signature } from './class-table.ts';
import type { Term } from './term.ts';

const cidrs = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.0.0/24',
  '255.0.0.0/8',
  '::/0',
  'fd00::/8',
].map(requireCidr);
const addresses = [
  '0.0.0.0',
  '9.9.9.9',
  '10.0.0.0',
  '10.1.0.7',
  '10.1.1.0',
  '10.255.255.255',
  '11.0.0.0',
  '255.255.255.255',
  '::',
  'fd00::1',
  'ffff::',
].map(requireAddress);

/** A signature that tells which blocks hold an address; terms are compared by number alone. */
function signatureOf(held: readonly number[], family: 4 | 6): Signature | undefined {
  const terms = held.map((id) => ({ id: id + 1, classes: new Set() }) as unknown as Term);
  return held.length === 0
    ? undefined
    : { kind: 'outsider', family, terms: new Set(terms), ports: [] };
}

test('intervals follow the cuts that are there, one by one', () => {
  const steps = fc.array(fc.nat(cidrs.length - 1), { maxLength: 30 });
  fc.assert(
    fc.property(steps, (steps) => {
      const map = new BlockMap();
      const classes = new ClassTable({ added: () => {}, renamed: () => {}, removed: () => {} });
      const current = new Set<number>();
      const intervals = new Set<Interval>();
      const heldBy = (address: Parameters<typeof formatAddress>[0]): number[] =>
        [...current]
          .filter((at) => containsAddress(cidrs[at] ?? requireCidr('::/128'), address))
          .sort((a, b) => a - b);
      for (const step of steps) {
        const cidr = cidrs[step];
        if (cidr === undefined) continue;
        if (current.delete(step)) map.join(cidr);
        else {
          current.add(step);
          map.cut(cidr);
        }
        map.refresh({
          classes,
          classify: (first) => signatureOf(heldBy(first), first.family),
          added: (interval) => intervals.add(interval),
          removed: (interval) => assert.ok(intervals.delete(interval)),
        });
        for (const address of addresses) {
          const found = [...intervals].filter(
            ({ first, last }) =>
              first.family === address.family &&
              first.value <= address.value &&
              address.value <= last.value,
          );
          const held = heldBy(address);
          assert.equal(found.length, held.length === 0 ? 0 : 1, formatAddress(address));
          assert.equal(map.classAt(address), found[0]?.class);
          assert.deepEqual(
            [...(found[0]?.class.terms ?? [])].map(({ id }) => id - 1),
            held,
          );
        }
      }
    }),
  );
});
