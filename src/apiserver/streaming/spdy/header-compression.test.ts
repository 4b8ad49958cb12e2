import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, createDeflate, deflateSync, inflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { DICTIONARY, DICTIONARY_ID } from './dictionary.ts';
import { HeaderDeflater, HeaderInflater } from './header-compression.ts';
import { SpdyError } from './spdy-error.ts';

const dictionary = DICTIONARY;
const finishFlush = constants.Z_SYNC_FLUSH;
const blocks = fc.array(
  fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  {
    minLength: 1,
    maxLength: 30,
  },
);

test('the dictionary has the checksum that every SPDY/3 client names', () => {
  assert.equal(DICTIONARY.length, 1423);
  assert.equal(deflateSync('', { dictionary }).readUInt32BE(2), DICTIONARY_ID);
});

test('what is deflated block by block is one zlib stream', () => {
  fc.assert(
    fc.property(blocks, (plain) => {
      const deflater = new HeaderDeflater();
      const deflated = Buffer.concat(plain.map((block) => deflater.deflate(block)));
      assert.deepEqual(inflateSync(deflated, { dictionary, finishFlush }), Buffer.concat(plain));
    }),
    { numRuns: 50 },
  );
});

test('blocks of one zlib stream, which look back at each other, are inflated one by one', async () => {
  // Repetition across blocks, and more of it than the 32 KiB window holds.
  const plain = Array.from({ length: 60 }, (_, index) =>
    Buffer.from(`streamtype: data, requestid: ${index} ${'content-type '.repeat(index * 5)}`),
  );
  const deflate = createDeflate({ dictionary });
  const inflater = new HeaderInflater();
  for (const block of plain) {
    deflate.write(block);
    await new Promise<void>((resolve) => deflate.flush(finishFlush, resolve));
    assert.deepEqual(inflater.inflate(deflate.read() as Buffer), block);
  }
});

test('refuses another dictionary, no dictionary, and bytes that are no zlib', () => {
  const other = deflateSync('abc', { dictionary: Buffer.from('other'), finishFlush });
  for (const bytes of [other, deflateSync('abc'), Buffer.from('GET / HTTP/1.1'), Buffer.alloc(0)]) {
    assert.throws(() => new HeaderInflater().inflate(bytes), SpdyError);
  }
});

test('refuses a block that inflates to megabytes', () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000), { dictionary, finishFlush });
  assert.throws(() => new HeaderInflater().inflate(bomb), SpdyError);
});
