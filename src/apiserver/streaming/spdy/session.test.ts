import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { encodeFrame, type Frame, goAwayCodes, resetCodes } from './frames.ts';
import type { SpdyStream } from './stream.ts';
import { TestClient } from './testing/client.ts';

function dataOf(frames: readonly Frame[], streamId: number): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) =>
      frame.type === 'data' && frame.streamId === streamId ? [frame.payload] : [],
    ),
  );
}

async function openOne(client: TestClient): Promise<SpdyStream> {
  client.open(1);
  await client.exchange();
  const [stream] = client.streams;
  assert.ok(stream !== undefined);
  return stream;
}

describe('streams', () => {
  test('a session of kubectl 1.20 is understood, in whatever pieces it arrives', async () => {
    const file = readFileSync(new URL('testdata/kubectl-1.20-exec.hex', import.meta.url), 'utf8');
    const bytes = Buffer.from(file.replaceAll(/#.*|\s/g, ''), 'hex');
    for (const size of [1, 7, 64, bytes.length]) {
      const client = new TestClient();
      // The last 48 bytes are its three resets at the end.
      for (let offset = 0; offset < bytes.length - 48; offset += size) {
        client.sendBytes(bytes.subarray(offset, Math.min(offset + size, bytes.length - 48)));
      }
      await client.exchange();
      const types = client.streams.map((stream) => stream.headers.get('streamtype'));
      assert.deepEqual(types, ['error', 'stdin', 'stdout', 'stderr']);
      const [, stdin] = client.streams;
      assert.ok(stdin !== undefined);
      assert.equal(await text(stdin), 'to and fro\n');
    }
  });

  test('are answered with SYN_REPLY, end in each direction apart, and are then forgotten', async () => {
    const client = new TestClient();
    client.open(1, { streamtype: 'data' });
    client.data(1, 'ping', true);
    const replies = await client.exchange();
    assert.deepEqual(
      replies.map((frame) => frame.type),
      ['synReply'],
    );
    const [stream] = client.streams;
    assert.ok(stream !== undefined);
    assert.equal(await text(stream), 'ping');
    const closed = once(stream, 'close');
    stream.end('pong');
    await closed;
    assert.deepEqual(await client.exchange(), [
      { type: 'data', streamId: 1, fin: false, payload: Buffer.from('pong') },
      { type: 'data', streamId: 1, fin: true, payload: Buffer.alloc(0) },
    ]);
  });

  test('that are not accepted are refused, and the session goes on', async () => {
    const client = new TestClient({ accept: (headers) => headers.get('streamtype') === 'data' });
    client.open(1, { streamtype: 'nonsense' });
    client.open(3, { streamtype: 'data' });
    const [refusal, reply] = await client.exchange();
    assert.deepEqual(refusal, { type: 'rstStream', streamId: 1, status: resetCodes.refusedStream });
    assert.equal(reply?.type, 'synReply');
  });

  test('that the peer resets are closed without an error; writing to them fails', async () => {
    const client = new TestClient();
    const stream = await openOne(client);
    const closed = once(stream, 'close');
    client.send({ type: 'rstStream', streamId: 1, status: resetCodes.cancel });
    await closed;
    const failure = await new Promise((resolve) => {
      stream.write('x', resolve);
    });
    assert.ok(failure instanceof Error);
    assert.deepEqual(await client.exchange(), []);
  });

  test('that are destroyed here are reset there; data that crossed is let pass', async () => {
    const client = new TestClient();
    (await openOne(client)).destroy();
    client.data(1, 'crossed');
    assert.deepEqual(await client.exchange(), [
      { type: 'rstStream', streamId: 1, status: resetCodes.cancel },
    ]);
  });

  test('get data after their end as an error of their own', async () => {
    const client = new TestClient();
    await openOne(client);
    client.data(1, '', true);
    client.data(1, 'more');
    assert.deepEqual(await client.exchange(), [
      { type: 'rstStream', streamId: 1, status: resetCodes.streamAlreadyClosed },
    ]);
  });

  test('are all closed when the connection goes', async () => {
    const client = new TestClient();
    const stream = await openOne(client);
    client.transport.destroy();
    await client.session.closed();
    assert.ok(stream.destroyed);
    assert.ok(client.session.signal.aborted);
  });
});

describe('windows', () => {
  const megabyte = Buffer.alloc(1_000_000, 'x');

  test('are given back as the stream is read, not as it is received', async () => {
    const client = new TestClient();
    const stream = await openOne(client);
    client.data(1, Buffer.alloc(64 * 1024));
    const unread = (await client.exchange()).filter((frame) => frame.type === 'windowUpdate');
    stream.resume();
    await once(stream, 'data');
    const read = (await client.exchange()).filter((frame) => frame.type === 'windowUpdate');
    const sum = [...unread, ...read].reduce(
      (total, frame) => total + (frame.streamId === 1 ? frame.delta : 0),
      0,
    );
    assert.ok(unread.every((frame) => frame.streamId === 0));
    assert.equal(sum, 64 * 1024);
  });

  test('of a peer that keeps them bind', async () => {
    const client = new TestClient();
    client.send({ type: 'settings', values: new Map([[7, 1000]]) });
    const stream = await openOne(client);
    stream.write(megabyte);
    assert.equal(dataOf(await client.exchange(), 1).length, 1000);
    client.send({ type: 'windowUpdate', streamId: 1, delta: 500 });
    assert.equal(dataOf(await client.exchange(), 1).length, 500);
  });

  test('of the session bind too', async () => {
    const client = new TestClient();
    client.send({ type: 'settings', values: new Map([[7, 2_000_000]]) });
    const stream = await openOne(client);
    stream.write(megabyte);
    assert.equal(dataOf(await client.exchange(), 1).length, 64 * 1024);
    client.send({ type: 'windowUpdate', streamId: 0, delta: 2_000_000 });
    assert.equal(dataOf(await client.exchange(), 1).length, megabyte.length - 64 * 1024);
  });

  test('of a peer that never speaks of them, as spdystream, do not', async () => {
    const client = new TestClient();
    const stream = await openOne(client);
    const written = new Promise((resolve) => {
      stream.write(megabyte, resolve);
    });
    await written;
    assert.equal(dataOf(await client.exchange(), 1).length, megabyte.length);
  });

  test('that overflow reset the stream', async () => {
    const client = new TestClient();
    await openOne(client);
    client.send({ type: 'windowUpdate', streamId: 1, delta: 0x7fffffff });
    assert.deepEqual(await client.exchange(), [
      { type: 'rstStream', streamId: 1, status: resetCodes.flowControlError },
    ]);
  });

  test('that are overrun stop the connection, until the stream is read', async () => {
    const client = new TestClient();
    const stream = await openOne(client);
    let sent = 0;
    while (client.transport.write(encodeFrame(dataFrame(megabyte)))) {
      sent += 1;
      await new Promise(setImmediate);
    }
    assert.ok(sent < 10, `${sent} MB were taken that nobody read`);
    stream.resume();
    await once(client.transport, 'drain');
  });

  function dataFrame(payload: Buffer): Frame {
    return { type: 'data', streamId: 1, fin: false, payload };
  }
});

describe('broken peers', () => {
  const malformed: Readonly<Record<string, (client: TestClient) => void>> = {
    'another version': (client) => client.sendBytes(Buffer.from('800200060000000400000001', 'hex')),
    'an even stream id': (client) => client.open(2),
    'a stream id twice': (client) => [3, 3].forEach((id) => client.open(id)),
    'data for a stream never opened': (client) => client.data(9, 'x'),
    'headers that do not inflate': (client) =>
      client.send({ type: 'synStream', streamId: 1, fin: false, block: Buffer.from('garbage') }),
  };

  for (const [name, send] of Object.entries(malformed)) {
    test(`${name}: the session says GOAWAY and closes`, async () => {
      const client = new TestClient();
      const ended = once(client.transport, 'end');
      send(client);
      await ended;
      const last = client.taken().at(-1);
      assert.ok(last?.type === 'goAway' && last.status === goAwayCodes.protocolError);
      assert.ok(client.session.signal.aborted);
    });
  }

  test('any bytes after a good start leave the session open or closed, never in pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1 }),
        async (junk) => {
          const client = new TestClient();
          const stream = await openOne(client);
          junk.forEach((bytes) => client.sendBytes(Buffer.from(bytes)));
          client.transport.end();
          await client.session.closed();
          assert.ok(stream.destroyed);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('pings are answered, but not to a peer that does not listen', async () => {
    const client = new TestClient();
    client.send({ type: 'ping', id: 77 });
    assert.deepEqual(await client.exchange(), [{ type: 'ping', id: 77 }]);
    client.transport.pause();
    const pings = Buffer.concat(Array(50_000).fill(encodeFrame({ type: 'ping', id: 1 })));
    let sent = 0;
    while (client.transport.write(pings)) {
      sent += 1;
      await new Promise(setImmediate);
    }
    assert.ok(sent < 20, `${sent} times 50,000 answers wait to be read`);
    client.transport.destroy();
  });

  test('GOAWAY is said on close', async () => {
    const client = new TestClient();
    await openOne(client);
    const ended = once(client.transport, 'end');
    client.session.close();
    await ended;
    await client.session.closed();
    assert.deepEqual(client.taken(), [{ type: 'goAway', lastStreamId: 1, status: goAwayCodes.ok }]);
  });
});
