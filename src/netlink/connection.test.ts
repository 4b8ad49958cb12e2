import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Connection } from './connection.ts';
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE } from './message.ts';
import {
  acknowledge,
  dumpOf,
  encodeReply,
  FakeNetlinkSocket,
  inTurn,
  refuse,
  type Script,
} from './testing/fake-socket.ts';

const request = { type: 24, flags: 0x600, body: Buffer.from('body'), what: 'add the test route' };
const one = { type: 24, body: Buffer.from('one!') };
const two = { type: 24, body: Buffer.from('two!') };

function connect(script?: Script): { connection: Connection; socket: FakeNetlinkSocket } {
  const socket = new FakeNetlinkSocket(script);
  return { connection: new Connection(socket), socket };
}

function bodies(messages: readonly { readonly body: Buffer }[]): string[] {
  return messages.map(({ body }) => body.toString());
}

describe('Connection.request', () => {
  test('asks for an acknowledgement, with a new sequence number each time', () => {
    const { connection, socket } = connect();
    assert.deepEqual(connection.request(request), []);
    connection.request(request);
    assert.deepEqual(
      socket.requests.map(({ flags, sequence, portId }) => ({ flags, sequence, portId })),
      [1, 2].map((sequence) => ({
        flags: 0x600 | NLM_F_REQUEST | NLM_F_ACK,
        sequence,
        portId: socket.portId,
      })),
    );
  });

  test('returns what came before the acknowledgement', () => {
    const { connection } = connect((requests) => [
      encodeReply(requests[0], one),
      ...acknowledge()(requests),
    ]);
    assert.deepEqual(bodies(connection.request(request)), ['one!']);
  });

  test('skips what an earlier request left behind', () => {
    const { connection } = connect((requests) => [
      encodeReply({ type: 0, flags: 0, sequence: 99, portId: 0, body: Buffer.alloc(0) }, two),
      ...acknowledge()(requests),
    ]);
    assert.deepEqual(connection.request(request), []);
  });

  test('throws what was asked, the errno and the words of the kernel', () => {
    const { connection } = connect(
      refuse(101, { message: 'Nexthop has invalid gateway', offset: 36 }),
    );
    assert.throws(() => connection.request(request), {
      name: 'NetlinkError',
      code: 'NETLINK_REFUSED',
      message: 'cannot add the test route: ENETUNREACH (Nexthop has invalid gateway)',
      errno: 101,
      errnoName: 'ENETUNREACH',
      kernelMessage: 'Nexthop has invalid gateway',
      offset: 36,
      what: 'add the test route',
    });
  });

  test('throws without the words of the kernel when there are none', () => {
    const { connection } = connect(refuse(17));
    assert.throws(() => connection.request(request), {
      message: 'cannot add the test route: EEXIST',
      kernelMessage: '',
      offset: undefined,
    });
  });

  test('serves the next request after a refusal', () => {
    const { connection } = connect(inTurn(refuse(17), acknowledge()));
    assert.throws(() => connection.request(request));
    assert.deepEqual(connection.request(request), []);
  });
});

describe('Connection.dump', () => {
  test('gathers the messages of all datagrams', () => {
    const { connection, socket } = connect(dumpOf([one, two]));
    assert.deepEqual(bodies(connection.dump({ ...request, flags: 0 })), ['one!', 'two!']);
    assert.equal(socket.requests[0]?.flags, NLM_F_REQUEST | NLM_F_DUMP);
  });

  test('reads again what changed while it was read', () => {
    const interrupted = { ...one, flags: NLM_F_DUMP_INTR };
    const { connection, socket } = connect(inTurn(dumpOf([interrupted]), dumpOf([two])));
    assert.deepEqual(bodies(connection.dump(request)), ['two!']);
    assert.equal(socket.sent.length, 2);
  });

  test('gives up on what never settles', () => {
    const { connection } = connect(dumpOf([{ ...one, flags: NLM_F_DUMP_INTR }]));
    assert.throws(() => connection.dump(request), { code: 'NETLINK_DUMP_INTERRUPTED' });
  });

  test('throws when the kernel refuses at once', () => {
    const { connection } = connect(refuse(95));
    assert.throws(() => connection.dump(request), {
      errno: 95,
      message: /cannot add the test route/,
    });
  });

  test('throws when the kernel fails half-way', () => {
    const { connection } = connect(([asked]) => {
      const failure = Buffer.alloc(4);
      failure.writeInt32LE(-12, 0);
      return [encodeReply(asked, one), encodeReply(asked, { type: NLMSG_DONE, body: failure })];
    });
    assert.throws(() => connection.dump(request), { errnoName: 'ENOMEM' });
  });
});

describe('Connection.close', () => {
  test('closes the socket', () => {
    const { connection, socket } = connect();
    connection.close();
    assert.ok(socket.isClosed);
  });
});
