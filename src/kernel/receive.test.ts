import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changeLink, readLink, readMessages, ROUTE_GROUPS } from '../netlink/index.ts';
import { libc } from './libc.ts';
import { KernelNetlinkSocket, NETLINK_ROUTE } from './netlink-socket.ts';
import { receiveNow } from './receive.ts';
import { int32 } from './socket-constants.ts';
import { TestKernel } from './testing/test-kernel.ts';

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

describe('receiveNow', () => {
  let world: TestKernel;
  before(() => (world = new TestKernel()));
  after(() => world.dispose());

  /** A socket of a fresh namespace that is told of links, and a function that makes `count` events. */
  function subscribe(name: string) {
    const path = world.namespace(name);
    const connection = world.connect(path);
    const socket = world.kernel.inNamespace(path, () => new KernelNetlinkSocket(NETLINK_ROUTE));
    socket.join(ROUTE_GROUPS.link);
    const change = (count: number) => {
      for (let turn = 0; turn < count; turn += 1) {
        connection.request(changeLink('lo', { mtu: 1400 + turn }));
      }
    };
    return { socket, change };
  }

  test('gives what is there, in order, then nothing', () => {
    const { socket, change } = subscribe('order');
    assert.equal(receiveNow(socket.descriptor), 'nothing');
    change(2);
    const mtus = [1, 2].map(() => {
      const received = receiveNow(socket.descriptor);
      assert.ok(typeof received !== 'string');
      return readMessages(received).map((message) => readLink(message).mtu);
    });
    assert.deepEqual(mtus, [[1400], [1401]]);
    assert.equal(receiveNow(socket.descriptor), 'nothing');
    socket.close();
  });

  test('says once that the buffer overflowed', () => {
    const { socket, change } = subscribe('overflow');
    libc.setsockopt(socket.descriptor, SOL_SOCKET, SO_RCVBUF, int32(1), 4);
    change(100);
    const received: (Buffer | string)[] = [];
    do received.push(receiveNow(socket.descriptor));
    while (received.at(-1) !== 'nothing');
    assert.equal(received.filter((one) => one === 'lost').length, 1);
    socket.close();
  });
});
