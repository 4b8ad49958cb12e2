import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { requireAddress } from '../ip/index.ts';
import {
  conntrackDump,
  deleteConntrack,
  IPS_DST_NAT,
  listConntrack,
  type ConntrackFilter,
} from '../netlink/index.ts';
import { createPair, type End } from './testing/pair.ts';
import { TestKernel } from './testing/test-kernel.ts';

/** A Service at 10.96.0.1:53 on the left end, answered by the right one; zone 5 for port 99. */
const ruleset = `
table ip t {
  chain raw { type filter hook output priority raw; udp dport 99 ct zone set 5; }
  chain out {
    type nat hook output priority -100;
    ip daddr 10.96.0.1 udp dport 53 dnat to 10.0.0.2:5353
  }
}`;

describe('tracked connections', () => {
  let world: TestKernel;
  let left: End;
  let right: End;
  before(() => {
    world = new TestKernel();
    [left, right] = createPair(world);
    const ip = ['route', 'add', '10.96.0.0/12', 'dev', 'eth0'];
    execFileSync('nsenter', [`--net=${left.namespace}`, 'ip', ...ip]);
    execFileSync('nsenter', [`--net=${left.namespace}`, 'nft', '-f', '-'], { input: ruleset });
  });
  after(() => world.dispose());

  /** Sends datagrams from one socket of the left end. */
  async function send(targets: readonly (readonly [host: string, port: number])[]): Promise<void> {
    const socket = createSocket('udp4');
    const fd = world.kernel.bindUdp(left.namespace, { address: '10.0.0.1', port: 0 });
    await new Promise<void>((bound) => socket.bind({ fd }, bound));
    for (const [host, port] of targets) {
      await new Promise((sent) => socket.send('hello', port, host, sent));
    }
    await once(socket.close(), 'close');
  }

  test('are listed with their translation, and deleted by Service, by endpoint and by zone', async () => {
    const connection = world.connectNetfilter(left.namespace);
    await send([
      ['10.96.0.1', 53],
      ['10.0.0.2', 7],
      ['10.0.0.2', 99],
    ]);
    const answering = requireAddress(right.addresses[4]);
    const service = {
      protocol: 17,
      originalDestination: requireAddress('10.96.0.1'),
      originalDestinationPort: 53,
    };
    const [entry, ...others] = listConntrack(connection, service);
    assert.ok(entry);
    assert.deepEqual(others, []);
    assert.deepEqual(entry.reply.source, requireAddress('10.0.0.2'));
    assert.equal(entry.reply.sourcePort, 5353);
    assert.equal(entry.status & IPS_DST_NAT, IPS_DST_NAT);

    assert.equal(deleteConntrack(connection, { ...service, replySource: answering }), 1);
    assert.equal(deleteConntrack(connection, service), 0);
    assert.equal(deleteConntrack(connection, { zone: 5, originalDestination: answering }), 1);
    assert.equal(deleteConntrack(connection, { replySource: answering, replySourcePort: 7 }), 1);
    assert.deepEqual(listConntrack(connection, { protocol: 17 }), []);
  });

  test('are filtered by the kernel when family, protocol and port are known', async () => {
    const connection = world.connectNetfilter(left.namespace);
    await send([
      ['10.96.0.1', 53],
      ['10.0.0.2', 7],
    ]);
    const ports = (filter: ConntrackFilter): unknown =>
      listConntrack(connection, filter)
        .map(({ original }) => original.destinationPort)
        .sort((a = 0, b = 0) => a - b);
    const messages = connection.dump(
      conntrackDump({ family: 4, protocol: 17, originalDestinationPort: 53 }),
    );
    assert.equal(messages.length, 1);
    assert.deepEqual(ports({ family: 4, protocol: 17 }), [7, 53]);
    assert.deepEqual(ports({ family: 4, protocol: 17, originalDestinationPort: 7 }), [7]);
    assert.deepEqual(ports({ family: 6, protocol: 17 }), []);
    deleteConntrack(connection, {});
  });
});
