import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { requireAddress } from '../../ip/index.ts';
import {
  bindPacketLog,
  createBridge,
  isRefusal,
  NETFILTER_GROUPS,
  readConntrack,
  readLink,
  readLoggedPacket,
  ROUTE_GROUPS,
  RTM_NEWLINK,
  type NetlinkMessage,
} from '../../netlink/index.ts';
import { Nftables, readNotice, type Operation } from '../../nft/index.ts';
import { createKernel } from '../create-kernel.ts';
import { TestKernel } from '../testing/test-kernel.ts';
import { KernelEvents, type EventListener } from './kernel-events.ts';

/** A listener, and a promise of the first message that `wanted` makes something of. */
function listen<T>(wanted: (message: NetlinkMessage) => T | undefined): {
  readonly listener: EventListener;
  readonly found: Promise<T>;
} {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const listener: EventListener = {
    onMessages: (messages) => {
      for (const message of messages) {
        const value = wanted(message);
        if (value !== undefined) resolve(value);
      }
    },
    onLost: () => reject(new Error('events were lost')),
  };
  return { listener, found: promise };
}

describe('kernel events', () => {
  let world: TestKernel;
  let events: KernelEvents;
  before(() => {
    world = new TestKernel();
    events = new KernelEvents(world.kernel);
  });
  after(async () => {
    await events.close();
    world.dispose();
  });

  test('tell of links in the namespaces that are watched', async () => {
    const [watched, other] = [world.namespace('watched'), world.namespace('other')];
    const seen: string[] = [];
    const { listener, found } = listen((message) => {
      const link = message.type === RTM_NEWLINK ? readLink(message) : undefined;
      if (link) seen.push(link.name);
      return link?.name === 'br1' && link.up ? link : undefined;
    });
    events.subscribeRoute(watched, [ROUTE_GROUPS.link], listener);
    world.connect(other).request(createBridge({ name: 'foreign' }));
    world.connect(watched).request(createBridge({ name: 'br1', up: true }));
    assert.equal((await found).kind, 'bridge');
    assert.ok(!seen.includes('foreign'));
  });

  test('tell of new connections and of logged packets', async () => {
    const path = world.namespace('packets');
    nft(path, [
      'add table ip t',
      'add chain ip t out { type filter hook output priority 0; }',
      'add rule ip t out ct state new udp dport 9 log group 7 prefix "seen "',
    ]);
    const tracked = listen(readConntrack);
    const logged = listen((message) => readLoggedPacket(message));
    events.subscribeNetfilter(path, [NETFILTER_GROUPS.conntrackNew], tracked.listener);
    events.subscribePacketLog(path, { group: 7, copyBytes: 128 }, logged.listener);
    await sendDatagram(world, path);
    const { original } = await tracked.found;
    assert.deepEqual(original.destination, requireAddress('127.0.0.1'));
    assert.equal(original.destinationPort, 9);
    const { prefix, payload } = await logged.found;
    assert.equal(prefix, 'seen ');
    assert.equal(payload.subarray(28).toString(), 'hello');
  });

  test('refuse a log group that another socket of the namespace holds', () => {
    const path = world.namespace('taken');
    world.connectNetfilter(path).request(bindPacketLog(7, 64));
    assert.throws(
      () => events.subscribePacketLog(path, { group: 7, copyBytes: 64 }, listen(() => 1).listener),
      (error) => isRefusal(error, 'EPERM'),
    );
  });

  test('tell of rules that others change, and of none while nobody is to hear', async () => {
    const path = world.namespace('rules');
    const own = new Nftables(world.kernel.openNetfilterSocket(path));
    const stranger = new Nftables(world.kernel.openNetfilterSocket(path));
    const seen: (string | undefined)[] = [];
    const { listener, found } = listen((message) => {
      const notice = readNotice(message);
      if (notice?.kind === 'change') seen.push(notice.table);
      else seen.push(notice?.author.name);
      return notice?.kind === 'end' && notice.author.name === 'nft' ? true : undefined;
    });
    const subscription = events.subscribeRules(path, [1, own.portId, 2], listener);
    own.commit([addTable('own')]);
    stranger.commit([addTable('foreign')]);
    subscription.unheard(() => stranger.commit([addTable('unheard')]));
    own.commit([addTable('own-too')]);
    nft(path, ['add table ip last']);
    await found;
    const me = readFileSync('/proc/thread-self/comm', 'utf8').trim();
    assert.deepEqual(seen, ['foreign', me, 'last', 'nft']);
    subscription.close();
    assert.equal(
      subscription.unheard(() => 'nothing to leave'),
      'nothing to leave',
    );
    own.close();
    stranger.close();
  });

  test('end for a subscription that is closed, and go on for the others', async () => {
    const path = world.namespace('closing');
    const connection = world.connect(path);
    const links: string[] = [];
    const first = events.subscribeRoute(path, [ROUTE_GROUPS.link], {
      onMessages: (messages) => links.push(...messages.map((message) => readLink(message).name)),
      onLost: () => assert.fail('events were lost'),
    });
    const { listener, found } = listen((message) => readLink(message).name === 'br2' || undefined);
    events.subscribeRoute(path, [ROUTE_GROUPS.link], listener);
    first.close();
    first.close();
    connection.request(createBridge({ name: 'br2' }));
    await found;
    assert.deepEqual(links, []);
  });
});

describe('kernel events that are closed', () => {
  test('are closed once, and take no more subscriptions', async () => {
    const events = new KernelEvents(createKernel());
    await Promise.all([events.close(), events.close()]);
    assert.throws(() => events.subscribeRoute(undefined, [], listen(() => 1).listener), {
      code: 'EVENTS_CLOSED',
    });
  });
});

describe('a process with open events', () => {
  test('can exit', () => {
    const program = `
      import { createKernel } from ${JSON.stringify(new URL('../create-kernel.ts', import.meta.url).href)};
      import { KernelEvents } from ${JSON.stringify(new URL('kernel-events.ts', import.meta.url).href)};
      const events = new KernelEvents(createKernel());
      events.subscribeRoute(undefined, [1], { onMessages() {}, onLost() {} });
      console.log('done');
      process.exit();`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.equal(output, 'done\n');
  });
});

function addTable(name: string): Operation {
  return { kind: 'add table', table: { family: 'ip', name } };
}

function nft(path: string, commands: readonly string[]): void {
  execFileSync('nsenter', [`--net=${path}`, 'nft', '-f', '-'], { input: commands.join('\n') });
}

async function sendDatagram(world: TestKernel, path: string): Promise<void> {
  const socket = createSocket('udp4');
  const fd = world.kernel.bindUdp(path, { address: '127.0.0.1', port: 0 });
  await new Promise<void>((bound) => socket.bind({ fd }, bound));
  await new Promise((sent) => socket.send('hello', 9, '127.0.0.1', sent));
  await once(socket.close(), 'close');
}
