import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeFrame, type Frame } from './frames.ts';
import { FrameReader } from './frame-reader.ts';
import { SpdyError } from './spdy-error.ts';

const streamId = fc.integer({ min: 1, max: 0x7fffffff });
const word = fc.integer({ min: 0, max: 0xffffffff });
const fin = fc.boolean();
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const id24 = fc.integer({ min: 0, max: 0xffffff });

const plain = { noNullPrototype: true } as const;

const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant('synStream'), streamId, fin, block: bytes }, plain),
  fc.record({ type: fc.constant('synReply'), streamId, fin, block: bytes }, plain),
  fc.record({ type: fc.constant('headers'), streamId, fin, block: bytes }, plain),
  fc.record({ type: fc.constant('rstStream'), streamId, status: word }, plain),
  fc.record(
    {
      type: fc.constant('settings'),
      values: fc.array(fc.tuple(id24, word)).map((entries) => new Map(entries)),
    },
    plain,
  ),
  fc.record({ type: fc.constant('ping'), id: word }, plain),
  fc.record({ type: fc.constant('goAway'), lastStreamId: streamId, status: word }, plain),
  fc.record({ type: fc.constant('windowUpdate'), streamId, delta: streamId }, plain),
  fc.record({ type: fc.constant('data'), streamId, fin, payload: bytes }, plain),
);

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

/** Cuts the bytes at the given places. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
}

/** Puts data frames together again that were read in pieces. */
function merge(pieces: readonly Frame[], whole: readonly Frame[]): Frame[] {
  const rest = [...pieces];
  return whole.flatMap((frame) => {
    const first = rest.shift();
    if (frame.type !== 'data' || first?.type !== 'data') {
      return first === undefined ? [] : [first];
    }
    let merged = first;
    while (merged.payload.length < frame.payload.length) {
      const next = rest.shift();
      assert.ok(next?.type === 'data' && next.streamId === merged.streamId && !merged.fin);
      merged = { ...next, payload: Buffer.concat([merged.payload, next.payload]) };
    }
    return [merged];
  });
}

test('reads what it writes, however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.array(frames), fc.array(fc.nat()), (sent, places) => {
      const read: Frame[] = [];
      const reader = new FrameReader((frame) => read.push(frame));
      for (const chunk of cut(Buffer.concat(sent.map(encodeFrame)), places)) {
        reader.push(chunk);
      }
      assert.deepEqual(merge(read, sent), sent);
    }),
  );
});

test('writes the bytes of the specification', () => {
  const written: readonly (readonly [Frame, string])[] = [
    [{ type: 'ping', id: 5 }, '8003000600000004 00000005'],
    [{ type: 'rstStream', streamId: 3, status: 5 }, '8003000300000008 0000000300000005'],
    [{ type: 'goAway', lastStreamId: 7, status: 0 }, '8003000700000008 0000000700000000'],
    [{ type: 'windowUpdate', streamId: 1, delta: 64 }, '8003000900000008 0000000100000040'],
    [
      { type: 'settings', values: new Map([[7, 65536]]) },
      '800300040000000c 000000010000000700010000',
    ],
    [{ type: 'data', streamId: 9, fin: true, payload: Buffer.from('hi') }, '0000000901000002 6869'],
    [
      { type: 'synReply', streamId: 1, fin: false, block: Buffer.from([0xff]) },
      '8003000200000005 00000001ff',
    ],
  ];
  for (const [frame, hex] of written) {
    assert.deepEqual(encodeFrame(frame), bytesOf(hex));
  }
});

test('passes a data frame of 16 MiB on in pieces', () => {
  let received = 0;
  let ends = 0;
  const reader = new FrameReader((frame) => {
    assert.ok(frame.type === 'data');
    received += frame.payload.length;
    ends += frame.fin ? 1 : 0;
  });
  reader.push(Buffer.from('0000000101ffffff', 'hex'));
  for (let sent = 0; sent < 0xffffff; sent += 65_536) {
    assert.equal(received, sent);
    reader.push(Buffer.alloc(Math.min(65_536, 0xffffff - sent)));
  }
  assert.deepEqual([received, ends], [0xffffff, 1]);
});

test('ignores control frames that it does not know', () => {
  const reader = new FrameReader(() => assert.fail('no frame to be told'));
  reader.push(Buffer.from('8003001000000004deadbeef', 'hex'));
});

test('refuses other versions, short bodies, wrong counts and giant control frames', () => {
  const malformed = [
    '8002000600000004 00000001',
    '8003000600000002 0001',
    '8003000100000004 00000001',
    '8003000300000004 00000001',
    '8003000900000004 00000001',
    '800300040000000c 000000090000000700010000',
    '8003000100ffffff',
  ];
  for (const hex of malformed) {
    const reader = new FrameReader(() => assert.fail(`${hex} was taken for a frame`));
    assert.throws(() => reader.push(bytesOf(hex)), SpdyError);
  }
});

test('takes any bytes for frames or refuses them', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
      const reader = new FrameReader(() => undefined);
      try {
        chunks.forEach((chunk) => reader.push(Buffer.from(chunk)));
      } catch (error) {
        assert.ok(error instanceof SpdyError);
      }
    }),
  );
});
