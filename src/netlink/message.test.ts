import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { encodeMessage, NLM_F_ACK, NLM_F_REQUEST, readMessages } from './message.ts';

const request = fc.record({
  type: fc.nat(0xffff),
  flags: fc.constant(0),
  body: fc.uint8Array({ maxLength: 40 }),
  what: fc.constant('test'),
});

describe('messages', () => {
  test('survive the way into a datagram and back', () => {
    fc.assert(
      fc.property(fc.array(request), (requests) => {
        const datagram = Buffer.concat(
          requests.map((one, sequence) => encodeMessage(one, { sequence, portId: 9 })),
        );
        const expected = requests.map(({ type, body }, sequence) => ({
          type,
          flags: NLM_F_REQUEST,
          sequence,
          portId: 9,
          body: Buffer.from(body),
        }));
        assert.deepEqual(readMessages(datagram), expected);
      }),
    );
  });

  test('carry the flags of the request and of the connection', () => {
    const bytes = encodeMessage(
      { type: 16, flags: 0x600, body: Buffer.alloc(0), what: 'test' },
      { sequence: 1, portId: 0, flags: NLM_F_ACK },
    );
    assert.equal(bytes.toString('hex'), '10000000100005060100000000000000');
  });

  test('end at the first malformed one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const total = readMessages(bytes).reduce((sum, { body }) => sum + 16 + body.length, 0);
        assert.ok(total <= bytes.length);
      }),
    );
  });
});
