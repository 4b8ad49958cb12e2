import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { type TerminalSize, watchTerminalSize } from './terminal-size.ts';

async function sizesIn(chunks: readonly string[]): Promise<TerminalSize[]> {
  const sizes: TerminalSize[] = [];
  const channel = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  watchTerminalSize(channel, (size) => sizes.push(size));
  await once(channel, 'end');
  return sizes;
}

test('reads sizes with or without line ends, in whatever pieces', async () => {
  const expected = [
    { width: 80, height: 24 },
    { width: 132, height: 50 },
  ];
  const text = '{"Width":80,"Height":24}\n{"Height":50,"Width":132}';
  assert.deepEqual(await sizesIn([text]), expected);
  assert.deepEqual(await sizesIn(text.split('')), expected);
  assert.deepEqual(await sizesIn([text.replace('\n', '')]), expected);
});

test('skips what is no size', async () => {
  const size = '{"Width":80,"Height":24}';
  assert.deepEqual(await sizesIn(['{}', '{"Width":-1,"Height":1}', 'x'.repeat(9000), '}', size]), [
    { width: 80, height: 24 },
  ]);
});
