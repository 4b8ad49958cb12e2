import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { Fault } from '../fault/index.ts';
import type { SocketAddress } from '../kernel/index.ts';
import type { Binding } from './binding.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { freeListen, skipReason, TestFabric } from './testing/fabric.ts';

describe('the loopback publisher', { skip: skipReason }, () => {
  let fabric: TestFabric;
  let publisher: Publisher;
  let listen: SocketAddress;

  before(() => {
    fabric = new TestFabric();
  });
  after(() => fabric.close());
  afterEach(() => publisher.close());

  async function publish(target: SocketAddress, protocol: 'TCP' | 'UDP' = 'TCP'): Promise<Binding> {
    publisher = createPublisher({ kernel: fabric.kernel, fabric: fabric.path });
    listen = await freeListen();
    const binding = { listen, target, protocol };
    await publisher.publish(binding);
    return binding;
  }

  function dial(): Socket {
    const socket = connect({ host: listen.address, port: listen.port, allowHalfOpen: true });
    // Tests end with connections open, which the publisher then resets.
    return socket.on('error', () => undefined);
  }

  async function failureOf(socket: Socket): Promise<string | undefined> {
    socket.resume();
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    return error.code;
  }

  describe('TCP', () => {
    test('leads into the fabric, which is not reachable otherwise', async () => {
      const target = await fabric.serveTcp((socket) => socket.end('from inside'));
      const direct = connect({ host: target.address, port: target.port });
      assert.equal(await failureOf(direct), 'ECONNREFUSED');
      await publish(target);
      assert.equal(await text(dial()), 'from inside');
    });

    test('keeps half-closed connections open and large transfers whole', async () => {
      const content = randomBytes(20_000_000);
      await publish(await fabric.serveTcp((socket) => void socket.pipe(socket)));
      const [one, other] = [dial(), dial()];
      one.end(content);
      other.end(content);
      assert.ok((await buffer(one)).equals(content));
      assert.ok((await buffer(other)).equals(content));
    });

    test('takes no more from a client than the target takes', async () => {
      const accepted = Promise.withResolvers<Socket>();
      await publish(await fabric.serveTcp((socket) => accepted.resolve(socket.pause())));
      const client = dial();
      const megabyte = Buffer.alloc(1_000_000);
      let sent = 0;
      while (client.writableLength < 2 * megabyte.length) {
        client.write(megabyte);
        sent += 1;
        await new Promise(setImmediate);
      }
      assert.ok(sent < 64, `${sent} MB were taken`);
      client.end();
      const received = await buffer(await accepted.promise);
      assert.equal(received.length, sent * megabyte.length);
    });

    test('resets when the target refuses', async () => {
      await publish(await fabric.closedPort());
      assert.equal(await failureOf(dial()), 'ECONNRESET');
    });

    test('passes a reset on, in both directions', async () => {
      await publish(
        await fabric.serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy())),
      );
      const client = dial();
      client.write('x');
      assert.equal(await failureOf(client), 'ECONNRESET');

      const accepted = Promise.withResolvers<Socket>();
      await publisher.close();
      await publish(await fabric.serveTcp((socket) => accepted.resolve(socket)));
      const other = dial();
      other.write('x');
      const inside = await accepted.promise;
      other.resetAndDestroy();
      assert.equal(await failureOf(inside), 'ECONNRESET');
    });

    test('resets connections beyond the bound, and takes new ones when others have ended', async () => {
      const target = await fabric.serveTcp((socket) => void socket.pipe(socket));
      publisher = createPublisher({
        kernel: fabric.kernel,
        fabric: fabric.path,
        maxConnections: 1,
      });
      listen = await freeListen();
      await publisher.publish({ listen, target, protocol: 'TCP' });
      const first = dial();
      first.write('x');
      await once(first, 'data');
      assert.equal(await failureOf(dial()), 'ECONNRESET');
      first.end();
      await once(first, 'close');
      const next = dial();
      next.end('y');
      assert.equal(await text(next), 'y');
    });
  });

  describe('UDP', () => {
    test('gives each client its own way back', async () => {
      const seen = new Set<number>();
      const target = await fabric.serveUdp((datagram, from) => {
        seen.add(from.port);
        return datagram.toUpperCase();
      });
      await publish(target, 'UDP');
      const clients = [createSocket('udp4'), createSocket('udp4')];
      for (const [index, client] of clients.entries()) {
        for (const word of ['one', 'two']) {
          client.send(`${word} ${index}`, listen.port, listen.address);
          const [answer] = (await once(client, 'message')) as [Buffer];
          assert.equal(answer.toString(), `${word.toUpperCase()} ${index}`);
        }
      }
      assert.equal(seen.size, 2);
      clients.forEach((client) => client.close());
    });

    test('forgets a client that is idle', async () => {
      const ports = new Set<number>();
      const target = await fabric.serveUdp((datagram, from) => {
        ports.add(from.port);
        return datagram;
      });
      publisher = createPublisher({ kernel: fabric.kernel, fabric: fabric.path, udpIdleMs: 1 });
      listen = await freeListen();
      await publisher.publish({ listen, target, protocol: 'UDP' });
      const client = createSocket('udp4');
      // On a busy machine the session may be forgotten before the answer has come: nobody waits for one.
      while (ports.size < 2) {
        client.send('hello', listen.port, listen.address);
        await setTimeout(2);
      }
      client.close();
    });

    test('finds a target that was closed at first', async () => {
      const { target } = await publish(await fabric.closedPort(), 'UDP');
      const client = createSocket('udp4');
      const answers: string[] = [];
      client.on('message', (answer) => answers.push(answer.toString()));
      let isServed = false;
      for (let sent = 0; answers.length === 0; sent += 1) {
        client.send(isServed ? 'found' : 'lost', listen.port, listen.address);
        await new Promise(setImmediate);
        if (sent === 50) {
          await fabric.serveUdp((datagram) => datagram, target);
          isServed = true;
        }
      }
      client.close();
    });

    test('replaces the idlest client when there are too many', async () => {
      const target = await fabric.serveUdp((datagram) => datagram);
      publisher = createPublisher({
        kernel: fabric.kernel,
        fabric: fabric.path,
        maxConnections: 2,
      });
      listen = await freeListen();
      await publisher.publish({ listen, target, protocol: 'UDP' });
      const clients = Array.from({ length: 5 }, () => createSocket('udp4'));
      for (const client of clients) {
        client.send('hello', listen.port, listen.address);
        await once(client, 'message');
      }
      clients.forEach((client) => client.close());
    });
  });

  describe('listening', () => {
    const target = { address: '127.0.0.1', port: 1 };

    test('is refused anywhere but on loopback', async () => {
      publisher = createPublisher({ kernel: fabric.kernel, fabric: fabric.path });
      for (const address of ['0.0.0.0', '10.0.0.1', '128.0.0.1', '::', 'fe80::1', 'localhost']) {
        await assert.rejects(
          publisher.publish({ listen: { address, port: 32_000 }, target, protocol: 'TCP' }),
          (error) => error instanceof Fault && error.code === 'PUBLISH_NOT_LOOPBACK',
        );
      }
    });

    test('names the address, the port and the holder of a port that is taken', async () => {
      publisher = createPublisher({ kernel: fabric.kernel, fabric: fabric.path });
      const holder = createServer().listen({ host: '127.18.255.2', port: 0 });
      await once(holder, 'listening');
      const { address, port } = holder.address() as SocketAddress;
      await assert.rejects(
        publisher.publish({ listen: { address, port }, target, protocol: 'TCP' }),
        {
          code: 'PUBLISH_ADDRESS_IN_USE',
          message: new RegExp(
            `127\\.18\\.255\\.2:${port} \\(TCP\\): .* \\(pid ${process.pid}\\) already does`,
          ),
        },
      );
      holder.close();
    });

    test('follows what is desired, and reports what cannot be', async () => {
      const inside = await fabric.serveTcp((socket) => socket.end('first'));
      const other = await fabric.serveTcp((socket) => socket.end('second'));
      const binding = await publish(inside);
      const moved = { ...binding, target: other };
      const bad: Binding = { ...binding, listen: { address: '10.0.0.1', port: 80 } };
      const faults = await publisher.sync([moved, bad]);
      assert.deepEqual(
        faults.map((fault) => fault.code),
        ['PUBLISH_NOT_LOOPBACK'],
      );
      assert.deepEqual(publisher.list(), [moved]);
      assert.equal(await text(dial()), 'second');
      assert.deepEqual(await publisher.sync([]), []);
      assert.deepEqual(publisher.list(), []);
      assert.equal(await failureOf(dial()), 'ECONNREFUSED');
    });

    test('ends without ending the connections that there are', async () => {
      const binding = await publish(await fabric.serveTcp((socket) => void socket.pipe(socket)));
      const client = dial();
      client.write('a');
      await once(client, 'data');
      await publisher.unpublish(binding);
      assert.equal(await failureOf(dial()), 'ECONNREFUSED');
      client.end('b');
      assert.equal(await text(client), 'b');
    });

    test('ends them all on close', async () => {
      const binding = await publish(await fabric.serveTcp((socket) => void socket.pipe(socket)));
      const client = dial();
      client.write('a');
      await once(client, 'data');
      await publisher.unpublish(binding);
      const failure = failureOf(client);
      await publisher.close();
      assert.equal(await failure, 'ECONNRESET');
    });
  });
});
