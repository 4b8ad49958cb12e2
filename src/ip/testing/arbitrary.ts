import * as fc from 'fast-check';
import { familyBits, type Address, type Family } from '../address.ts';
import { cidrOf, type Cidr } from '../cidr.ts';

const family: fc.Arbitrary<Family> = fc.constantFrom(4, 6);

/** Any address, biased to values with long runs of zeros, where text is special. */
export const anyAddress: fc.Arbitrary<Address> = family.chain((family) =>
  fc
    .array(fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 0xffffn })), {
      minLength: familyBits(family) / 16,
      maxLength: familyBits(family) / 16,
    })
    .map((groups) => ({
      family,
      value: groups.reduce((value, group) => (value << 16n) | group, 0n),
    })),
);

/** Any block of any length. */
export const anyCidr: fc.Arbitrary<Cidr> = anyAddress.chain((address) =>
  fc.nat(familyBits(address.family)).map((length) => cidrOf(address, length)),
);
