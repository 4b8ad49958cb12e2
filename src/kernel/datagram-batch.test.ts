import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { after, before, describe, test } from 'node:test';
import { DatagramBatch } from './datagram-batch.ts';
import { TestKernel } from './testing/test-kernel.ts';

describe('a batch of datagrams', () => {
  const host = new TestKernel();
  let pin: string;
  let fd: number;
  let client: Socket;

  before(async () => {
    pin = host.namespace('batch');
    fd = host.kernel.bindUdp(pin, { address: '::', port: 5300 });
    client = createSocket('udp4');
    const bound = host.kernel.bindUdp(pin, { address: '127.0.0.1', port: 5301 });
    await new Promise<void>((resolve) => {
      client.bind({ fd: bound }, resolve);
    });
  });
  after(() => {
    client.close();
    host.kernel.closeDescriptor(fd);
    host.dispose();
  });

  function send(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      client.send(text, 5300, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
  }

  test('is empty when nothing is there', () => {
    assert.equal(
      new DatagramBatch(fd).handle(() => undefined),
      0,
    );
  });

  test('takes what is there, at most 64, and answers whom the handler answers', async () => {
    const batch = new DatagramBatch(fd);
    for (let index = 0; index < 70; index += 1) await send(`question ${index}`);
    const answers: string[] = [];
    const all = new Promise<void>((resolve) => {
      client.on('message', (bytes) => {
        answers.push(bytes.toString());
        if (answers.length === 35) resolve();
      });
    });
    const sources = new Set<string>();
    const handler = (
      bytes: Buffer,
      from: { address: string; port: number },
    ): Buffer | undefined => {
      sources.add(`${from.address} ${from.port}`);
      const number = Number(bytes.toString().split(' ')[1]);
      return number % 2 === 0 ? Buffer.from(`answer ${number}`) : undefined;
    };
    assert.deepEqual(
      [batch.handle(handler), batch.handle(handler), batch.handle(handler)],
      [64, 6, 0],
    );
    await all;
    assert.deepEqual(
      answers,
      Array.from({ length: 35 }, (_, index) => `answer ${index * 2}`),
    );
    // A dual-stack socket knows IPv4 peers by their mapped addresses; handlers do not.
    assert.deepEqual([...sources], ['127.0.0.1 5301']);
  });

  test('sends one ahead, also when nothing else is there', async () => {
    const batch = new DatagramBatch(fd);
    const answers: string[] = [];
    const both = new Promise<void>((resolve) => {
      client.on('message', (bytes) => {
        answers.push(bytes.toString());
        if (answers.length === 3) resolve();
      });
    });
    // As Node tells of an IPv4 peer of a dual-stack socket.
    const to = { address: '::ffff:127.0.0.1', port: 5301 };
    assert.equal(
      batch.handle(() => undefined, { bytes: Buffer.from('alone'), to }),
      0,
    );
    await send('question');
    const echo = (bytes: Buffer): Buffer => bytes;
    assert.equal(batch.handle(echo, { bytes: Buffer.from('ahead'), to }), 1);
    await both;
    assert.deepEqual(answers, ['alone', 'ahead', 'question']);
  });

  test('drops what is longer than any query', async () => {
    await send('x'.repeat(5000));
    await send('short');
    const seen: number[] = [];
    new DatagramBatch(fd).handle((bytes) => {
      seen.push(bytes.length);
      return undefined;
    });
    assert.deepEqual(seen, [5]);
  });
});
