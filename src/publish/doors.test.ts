import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, test } from 'node:test';
import type { SocketAddress } from '../kernel/index.ts';
import { dialTcp } from './dial.ts';
import { Budget, type Caller, type Door, type DoorContext, type Route } from './door.ts';
import { openTcpDoor } from './tcp-door.ts';
import { skipReason, TestFabric } from './testing/fabric.ts';
import { openUdpDoor } from './udp-door.ts';

describe('a door inside the fabric', { skip: skipReason }, () => {
  let fabric: TestFabric;
  let door: Door;
  let at: SocketAddress;
  const callers: Caller[] = [];

  before(() => {
    fabric = new TestFabric();
  });
  after(() => fabric.close());
  afterEach(async () => {
    await door.close();
    callers.length = 0;
  });

  function context(
    fd: number,
    route: () => Route | undefined,
    more: Partial<DoorContext>,
  ): DoorContext {
    return {
      entrance: { fd },
      family: 4,
      kernel: fabric.kernel,
      fabric: fabric.path,
      budget: new Budget(10),
      udpIdleMs: 1000,
      route: (caller) => {
        callers.push(caller);
        return route();
      },
      ...more,
    };
  }

  async function openTcp(route: () => Route | undefined, more: Partial<DoorContext> = {}) {
    at = await fabric.closedPort();
    door = await openTcpDoor(context(fabric.kernel.listenTcp(fabric.path, at), route, more));
  }

  function dial(): Socket {
    return dialTcp(fabric.kernel, fabric.path, at).on('error', () => undefined);
  }

  test('goes on, and ends in order, when a caller cannot be accepted', async () => {
    const target = await fabric.serveTcp((socket) => void socket.pipe(socket));
    const servers: Server[] = [];
    const told = (message: unknown): void =>
      void servers.push((message as { server: Server }).server);
    subscribe('tracing:net.server.listen:asyncStart', told);
    await openTcp(() => ({ target }));
    unsubscribe('tracing:net.server.listen:asyncStart', told);
    // What Node makes of a failed accept(2), e.g. ENOBUFS.
    assert.ok(servers.at(-1)?.emit('error', new Error('accept')));
    const client = dial();
    client.end('still here');
    assert.equal(await text(client), 'still here');
    await door.stop();
  });

  test('tells who calls, and puts the preamble first', async () => {
    const target = await fabric.serveTcp((socket) => void socket.pipe(socket));
    await openTcp(() => ({ target, preamble: 'hello ' }));
    const client = dial();
    client.end('world');
    assert.equal(await text(client), 'hello world');
    assert.equal(callers[0]?.address.address, '127.0.0.1');
    assert.ok((callers[0]?.address.port ?? 0) > 0);
  });

  test('takes the next way, and tells of each when it is over', async () => {
    const target = await fabric.serveTcp((socket) => socket.end('second'));
    const closed = await fabric.closedPort();
    const ended: string[] = [];
    const over = Promise.withResolvers<void>();
    const second: Route = {
      target,
      ended: () => {
        ended.push('second');
        over.resolve();
      },
    };
    await openTcp(() => ({
      target: closed,
      next: () => second,
      ended: () => ended.push('first'),
    }));
    const client = dial();
    assert.equal(await text(client), 'second');
    client.end();
    await over.promise;
    assert.deepEqual(ended, ['first', 'second']);
  });

  test('resets who has nowhere to go', async () => {
    await openTcp(() => undefined);
    const [error] = (await once(dial().resume(), 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
  });

  test('resets a caller on demand, and a silent one', async () => {
    const target = await fabric.serveTcp((socket) => void socket.pipe(socket));
    await openTcp(() => ({ target }));
    const client = dial();
    client.write('a');
    await once(client, 'data');
    callers[0]?.end();
    await once(client, 'close').catch(() => undefined);
    await door.close();

    await openTcp(() => ({ target }), { tcpIdleMs: () => 20 });
    const silent = dial().resume();
    await new Promise((resolve) => {
      silent.once('close', resolve);
    });
  });

  test('passes datagrams on, and forgets a session on demand', async () => {
    const target = await fabric.serveUdp((datagram, from) => `${datagram} ${from.port}`);
    at = await fabric.closedPort();
    let ends = 0;
    const route = (): Route => ({
      target,
      ended: () => {
        ends += 1;
      },
    });
    door = await openUdpDoor(context(fabric.kernel.bindUdp(fabric.path, at), route, {}));
    const client = createSocket('udp4');
    client.bind({ fd: fabric.kernel.bindUdp(fabric.path, { address: '127.0.0.1', port: 0 }) });
    const ask = async (): Promise<string> => {
      client.send('x', at.port, at.address);
      const [answer] = (await once(client, 'message')) as [Buffer];
      return answer.toString();
    };
    const first = await ask();
    assert.equal(await ask(), first);
    callers[0]?.end();
    assert.equal(ends, 1);
    assert.match(await ask(), /^x \d+$/);
    assert.equal(callers.length, 2);
    client.close();
  });
});
