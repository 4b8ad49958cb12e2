import assert from 'node:assert/strict';
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createPair, type End } from './testing/pair.ts';
import { TestKernel } from './testing/test-kernel.ts';

describe('sockets of a namespace', () => {
  let world: TestKernel;
  let left: End;
  let right: End;
  before(() => {
    world = new TestKernel();
    [left, right] = createPair(world);
  });
  after(() => world.dispose());

  /** A TCP server that answers with the peer's address, on a descriptor. */
  async function serve(end: End, address: string): Promise<{ server: Server; port: number }> {
    const server = createServer((socket) => socket.end(`hello ${socket.remoteAddress}`));
    const fd = world.kernel.listenTcp(end.namespace, { address, port: 0 });
    await new Promise<void>((listening) => server.listen({ fd }, listening));
    return { server, port: (server.address() as AddressInfo).port };
  }

  async function ask(end: End, family: 4 | 6, at: { host: string; port: number }): Promise<string> {
    const socket = new Socket({ fd: world.kernel.openTcp(end.namespace, family) });
    socket.connect(at.port, at.host);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  for (const family of [4, 6] as const) {
    test(`carry TCP over IPv${family} from one namespace to another`, async () => {
      const { server, port } = await serve(right, right.addresses[family]);
      const answer = await ask(left, family, { host: right.addresses[family], port });
      assert.equal(answer, `hello ${left.addresses[family]}`);
      server.close();
    });
  }

  test('listen for both families at ::', async () => {
    const { server, port } = await serve(right, '::');
    for (const family of [4, 6] as const) {
      const answer = await ask(left, family, { host: right.addresses[family], port });
      assert.ok(answer.endsWith(left.addresses[family]), answer);
    }
    server.close();
  });

  for (const [family, stranger] of [
    [4, '198.51.100.9'],
    [6, '2001:db8::9'],
  ] as const) {
    test(`send under anybody's IPv${family} address when they are told to`, async () => {
      const at = { address: stranger, port: 0 };
      const refuse = { errnoName: 'EADDRNOTAVAIL' };
      assert.throws(() => world.kernel.bindUdp(left.namespace, at), refuse);
      assert.throws(() => world.kernel.openTcp(left.namespace, family, at), refuse);
      const from = { ...at, isTransparent: true };
      world.kernel.closeDescriptor(world.kernel.openTcp(left.namespace, family, from));
      const receiver = await bind(right, family);
      const sender = createSocket(family === 4 ? 'udp4' : 'udp6');
      const fd = world.kernel.bindUdp(left.namespace, from);
      await new Promise<void>((bound) => sender.bind({ fd }, bound));
      sender.send('?', receiver.address().port, right.addresses[family]);
      const [, { address }] = (await once(receiver, 'message')) as [Buffer, { address: string }];
      assert.equal(address, stranger);
      sender.close();
      receiver.close();
    });
  }

  async function bind(end: End, family: 4 | 6): Promise<Datagrams> {
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    const at = { address: end.addresses[family], port: 0 };
    const fd = world.kernel.bindUdp(end.namespace, at);
    await new Promise<void>((bound) => socket.bind({ fd }, bound));
    return socket;
  }

  for (const family of [4, 6] as const) {
    test(`carry UDP over IPv${family} from one namespace to another`, async () => {
      const [from, to] = [await bind(left, family), await bind(right, family)];
      const arrival = once(to, 'message');
      from.send('hello', to.address().port, right.addresses[family]);
      const [datagram, peer] = await arrival;
      assert.equal(String(datagram), 'hello');
      assert.equal(peer.address, left.addresses[family]);
      from.close();
      to.close();
    });
  }

  test('say what address they could not have', () => {
    assert.throws(
      () => world.kernel.listenTcp(left.namespace, { address: '192.0.2.1', port: 80 }),
      { errnoName: 'EADDRNOTAVAIL', message: /bind 192\.0\.2\.1:80: EADDRNOTAVAIL/ },
    );
  });

  test('say what port is taken, in their own namespace only', () => {
    const at = { address: '::', port: 8080 };
    const fds = [left, right].map((end) => world.kernel.listenTcp(end.namespace, at));
    assert.throws(() => world.kernel.listenTcp(left.namespace, at), {
      errnoName: 'EADDRINUSE',
      message: /\[::\]:8080/,
    });
    for (const fd of fds) world.kernel.closeDescriptor(fd);
    world.kernel.closeDescriptor(world.kernel.listenTcp(left.namespace, at));
  });

  test('say what is no address', () => {
    assert.throws(() => world.kernel.bindUdp(left.namespace, { address: 'localhost', port: 1 }), {
      code: 'INVALID_ADDRESS',
    });
  });

  test('are closed once', () => {
    const fd = world.kernel.openTcp(left.namespace, 4);
    world.kernel.closeDescriptor(fd);
    assert.throws(() => world.kernel.closeDescriptor(fd), { errnoName: 'EBADF' });
  });
});
