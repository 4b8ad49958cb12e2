import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Connection } from './connection.ts';
import { findLink, listLinks } from './link-list.ts';
import { createVeth } from './veth.ts';
import {
  acknowledge,
  dumpOf,
  encodeReply,
  FakeNetlinkSocket,
  refuse,
} from './testing/fake-socket.ts';

/** What the kernel answers has the shape of the request that makes a link. */
const veth = createVeth({
  name: 'veth0',
  index: 3,
  mtu: 1400,
  mac: '0a:58:0a:f4:00:01',
  master: 2,
  up: true,
  peer: { name: 'eth0' },
});
const expected = {
  index: 3,
  name: 'veth0',
  kind: 'veth',
  up: true,
  running: false,
  loopback: false,
  mtu: 1400,
  mac: '0a:58:0a:f4:00:01',
  master: 2,
};

describe('links are read', () => {
  test('all', () => {
    assert.deepEqual(listLinks(new Connection(new FakeNetlinkSocket(dumpOf([veth])))), [expected]);
  });

  test('one by its name', () => {
    const socket = new FakeNetlinkSocket((requests) => [
      encodeReply(requests[0], veth),
      ...acknowledge()(requests),
    ]);
    assert.deepEqual(findLink(new Connection(socket), 'veth0'), expected);
  });

  test('and found missing', () => {
    const connection = new Connection(new FakeNetlinkSocket(refuse(19)));
    assert.equal(findLink(connection, 'none'), undefined);
  });

  test('other refusals are errors', () => {
    const connection = new Connection(new FakeNetlinkSocket(refuse(1)));
    assert.throws(() => findLink(connection, 'veth0'), { errnoName: 'EPERM' });
  });
});
