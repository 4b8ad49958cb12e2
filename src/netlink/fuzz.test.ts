import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { Fault } from '../fault/index.ts';
import { readAddress } from './address.ts';
import { readConntrack } from './conntrack-entry.ts';
import { readLink } from './link-list.ts';
import { readNeighbour } from './neighbour.ts';
import { readAcknowledgement, readDone } from './netlink-error.ts';
import { readLoggedPacket } from './packet-log.ts';
import { readRoute } from './route-list.ts';
import { readRule } from './rule.ts';
import { replies } from './testing/replies.ts';

const about = { type: 2, flags: 0x200, sequence: 1, portId: 0 };

/** Every reader of a body; each must give an object, or undefined, or say what is wrong with a Fault. */
const readers: Readonly<Record<string, (body: Buffer) => unknown>> = {
  readAcknowledgement: (body) => readAcknowledgement({ ...about, body }),
  readAddress: (body) => readAddress({ body }),
  readConntrack: (body) => readConntrack({ body }),
  readDone: (body) => readDone({ ...about, body }),
  readLink: (body) => readLink({ body }),
  readLoggedPacket: (body) => readLoggedPacket({ body }),
  readNeighbour: (body) => readNeighbour({ body }),
  readRoute: (body) => readRoute({ body }),
  readRule: (body) => readRule({ body }),
};

const bodies = Object.values(replies).map((hex) => Buffer.from(hex, 'hex'));

for (const [name, read] of Object.entries(readers)) {
  const readsOrFaults = (body: Buffer): void => {
    try {
      read(body);
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
    }
  };
  describe(name, () => {
    test('survives any bytes', () => {
      const bytes = fc.uint8Array({ maxLength: 120 });
      fc.assert(fc.property(bytes, (one) => readsOrFaults(Buffer.from(one))));
    });

    test('survives real bodies with bytes changed or cut off', () => {
      const damage = fc.tuple(fc.constantFrom(...bodies), fc.nat(), fc.nat(255), fc.nat());
      fc.assert(
        fc.property(damage, ([body, at, byte, cut]) => {
          const bytes = Buffer.from(body);
          bytes[at % bytes.length] = byte;
          readsOrFaults(bytes);
          readsOrFaults(bytes.subarray(0, cut % (bytes.length + 1)));
        }),
        { numRuns: 500 },
      );
    });
  });
}

test('a body that is too short is told as such', () => {
  assert.throws(() => readLink({ body: Buffer.alloc(15) }), {
    code: 'NETLINK_MALFORMED',
    message: 'the header of a link in a netlink message has 15 bytes, expected 16',
  });
});
