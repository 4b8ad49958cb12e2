import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { familyBits, formatAddress, requireAddress, type Address } from './address.ts';
import {
  cidrOf,
  cidrSize,
  compareCidrs,
  containsAddress,
  containsCidr,
  firstAddress,
  formatCidr,
  hasHostBits,
  isSameCidr,
  lastAddress,
  nthAddress,
  nthSubnet,
  overlaps,
  parseCidr,
  requireCidr,
  type Cidr,
} from './cidr.ts';
import { anyAddress, anyCidr } from './testing/arbitrary.ts';

/** The platform's own judgement of whether a block holds an address. */
function oracle(cidr: Cidr, address: Address): boolean {
  const name = (family: number) => (family === 4 ? 'ipv4' : 'ipv6');
  const list = new BlockList();
  list.addSubnet(formatAddress(firstAddress(cidr)), cidr.prefixLength, name(cidr.family));
  return list.check(formatAddress(address), name(address.family));
}

/** An address near the edges of a block: its ends, their neighbours, something inside. */
const nearEdge = (cidr: Cidr): fc.Arbitrary<Address> => {
  const max = (1n << BigInt(familyBits(cidr.family))) - 1n;
  const ends = [firstAddress(cidr).value, lastAddress(cidr).value];
  const values = ends.flatMap((end) => [end - 1n, end, end + 1n]);
  const inside = fc.bigInt({ min: ends[0] ?? 0n, max: ends[1] ?? max });
  return fc
    .oneof(fc.constantFrom(...values), inside)
    .filter((value) => value >= 0n && value <= max)
    .map((value) => ({ family: cidr.family, value }));
};

describe('parseCidr', () => {
  for (const text of ['', '/', '10.0.0.0', '10.0.0.0/', '/8', '10.0.0.0/33', '::/129']) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseCidr(text), undefined));
  }

  for (const text of ['10.0.0.0/08', '10.0.0.0/+8', '10.0.0.0/8/8', '010.0.0.0/8', '10.0.0.0/ 8']) {
    test(`is strict about ${text}`, () => assert.equal(parseCidr(text), undefined));
  }

  test('drops host bits, and hasHostBits tells', () => {
    assert.equal(formatCidr(requireCidr('10.1.2.3/8')), '10.0.0.0/8');
    assert.ok(hasHostBits('10.1.2.3/8'));
    assert.ok(!hasHostBits('10.0.0.0/8'));
    assert.ok(!hasHostBits('no block'));
  });

  test('reads back what formatCidr writes', () => {
    fc.assert(fc.property(anyCidr, (cidr) => assert.deepEqual(parseCidr(formatCidr(cidr)), cidr)));
  });

  test('says what is no block', () => {
    assert.throws(() => requireCidr('10.0.0.0/33'), {
      code: 'INVALID_CIDR',
      message: /10\.0\.0\.0\/33/,
    });
  });
});

describe('containsAddress', () => {
  test('agrees with node:net at the edges of any block', () => {
    const pair = anyCidr.chain((cidr) => fc.tuple(fc.constant(cidr), nearEdge(cidr)));
    fc.assert(
      fc.property(pair, ([cidr, address]) => {
        assert.equal(containsAddress(cidr, address), oracle(cidr, address));
      }),
      { numRuns: 500 },
    );
  });

  test('is false across families', () => {
    assert.ok(!containsAddress(requireCidr('0.0.0.0/0'), requireAddress('::')));
  });
});

describe('overlaps', () => {
  test('is true exactly when one block holds an end of the other', () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (a, b) => {
        const meets = containsAddress(a, firstAddress(b)) || containsAddress(b, firstAddress(a));
        assert.equal(overlaps(a, b), meets);
        assert.equal(overlaps(b, a), meets);
      }),
    );
  });

  test('a block holds its parts and not the whole', () => {
    const [outer, inner] = [requireCidr('10.244.0.0/16'), requireCidr('10.244.1.0/24')];
    assert.ok(containsCidr(outer, inner) && !containsCidr(inner, outer) && overlaps(inner, outer));
  });
});

describe('the addresses of a block', () => {
  test('are numbered from the base', () => {
    const cidr = requireCidr('10.96.0.0/12');
    assert.equal(formatAddress(nthAddress(cidr, 10)), '10.96.0.10');
    assert.equal(formatAddress(lastAddress(cidr)), '10.111.255.255');
    assert.equal(cidrSize(cidr), 2n ** 20n);
  });

  test('end at its size', () => {
    const cidr = requireCidr('fd00::/126');
    assert.equal(formatAddress(nthAddress(cidr, 3n)), 'fd00::3');
    for (const index of [4n, -1n]) {
      assert.throws(() => nthAddress(cidr, index), { code: 'ADDRESS_OUT_OF_RANGE' });
    }
  });

  test('are cut into subnets', () => {
    const pods = requireCidr('10.244.0.0/16');
    assert.equal(formatCidr(nthSubnet(pods, 24, 3)), '10.244.3.0/24');
    assert.throws(() => nthSubnet(pods, 24, 256), { code: 'ADDRESS_OUT_OF_RANGE' });
    assert.equal(
      formatCidr(nthSubnet(requireCidr('fd00:10:244::/56'), 64, 2)),
      'fd00:10:244:2::/64',
    );
  });

  test('first and last bracket every address of the block', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(32), (address, length) => {
        const cidr = cidrOf(address, length);
        assert.ok(firstAddress(cidr).value <= address.value);
        assert.ok(address.value <= lastAddress(cidr).value);
      }),
    );
  });
});

describe('compareCidrs', () => {
  test('puts a block before the ones inside it', () => {
    const sorted = ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/16', '10.1.0.0/16', '::/0'];
    const blocks = sorted.toReversed().map(requireCidr).toSorted(compareCidrs);
    assert.deepEqual(blocks.map(formatCidr), sorted);
    assert.ok(isSameCidr(requireCidr('10.0.0.1/8'), requireCidr('10.0.0.0/8')));
  });
});
