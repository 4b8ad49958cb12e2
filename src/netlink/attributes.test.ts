import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { attributeMap, AttributeWriter, NLA_F_NESTED, readAttributes } from './attributes.ts';

/** One attribute after the other. */
function hex(...attributes: readonly string[]): string {
  return attributes.join('');
}

describe('AttributeWriter', () => {
  test('pads every attribute to four bytes and leaves the padding out of its length', () => {
    const bytes = new AttributeWriter().string(3, 'lo').u8(1, 7).finish();
    assert.equal(bytes.toString('hex'), hex('070003006c6f0000', '0500010007000000'));
  });

  test('writes network order where the name says so', () => {
    const bytes = new AttributeWriter().u16be(1, 0x1234).u32be(2, 0x12345678).finish();
    assert.equal(bytes.toString('hex'), hex('0600010012340000', '0800020012345678'));
  });

  test('measures a nest when it is closed', () => {
    const bytes = new AttributeWriter().nested(18, (inner) => inner.text(1, 'veth')).finish();
    assert.equal(bytes.toString('hex'), '0c0012800800010076657468');
  });

  test('takes back what any writer wrote, at any capacity', () => {
    const attribute = fc
      .tuple(fc.integer({ min: 1, max: 0x3fff }), fc.uint8Array({ maxLength: 50 }))
      .map(([type, bytes]) => ({ type, value: Buffer.from(bytes) }));
    fc.assert(
      fc.property(fc.array(attribute), fc.nat(300), (attributes, capacity) => {
        const writer = new AttributeWriter(capacity);
        for (const { type, value } of attributes) writer.bytes(type, value);
        assert.deepEqual(readAttributes(writer.finish()), attributes);
      }),
    );
  });
});

describe('readAttributes', () => {
  test('never reads past the end, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const total = readAttributes(bytes).reduce((sum, { value }) => sum + 4 + value.length, 0);
        assert.ok(total <= bytes.length);
      }),
    );
  });

  test('takes the flags off the type', () => {
    const bytes = new AttributeWriter().bytes(5 | NLA_F_NESTED, Buffer.from('x')).finish();
    assert.deepEqual([...attributeMap(bytes).keys()], [5]);
  });
});
