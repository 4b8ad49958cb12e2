import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeHeaderBlock, encodeHeaderBlock } from './header-block.ts';
import { SpdyError } from './spdy-error.ts';

test('writes count, lengths and text', () => {
  assert.equal(
    encodeHeaderBlock(new Map([['Port', '80']])).toString('latin1'),
    '\0\0\0\u0001\0\0\0\u0004port\0\0\0\u000280',
  );
});

test('reads what it writes', () => {
  const name = fc.string({ minLength: 1 }).map((text) => text.toLowerCase());
  const value = fc.string().filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (entries) => {
      const headers = new Map(entries);
      assert.deepEqual(decodeHeaderBlock(encodeHeaderBlock(headers)), headers);
    }),
  );
});

test('joins the values of one name', () => {
  const headers = decodeHeaderBlock(encodeHeaderBlock(new Map([['a', 'b\0c']])));
  assert.equal(headers.get('a'), 'b, c');
});

test('refuses every block cut short, and names in upper case', () => {
  const block = encodeHeaderBlock(
    new Map([
      ['streamtype', 'data'],
      ['port', '80'],
    ]),
  );
  for (let length = 0; length < block.length; length += 1) {
    assert.throws(() => decodeHeaderBlock(block.subarray(0, length)), SpdyError);
  }
  assert.throws(() => decodeHeaderBlock(Buffer.concat([block, block])), SpdyError);
  const upper = Buffer.from(block.toString('latin1').replace('port', 'Port'), 'latin1');
  assert.throws(() => decodeHeaderBlock(upper), SpdyError);
});
