import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import { Nftables } from '../../nft/index.ts';
import {
  askUdp,
  assertAnswers,
  clients4,
  clients6,
  dns,
  external,
  external6,
  KernelPathWorld,
  web,
  web6,
} from '../testing/kernel-path-world.ts';
import { nextTurn, skipReason } from '../testing/outside-world.ts';
import { clientSlot } from './client-slot.ts';
import { FORWARDING_TABLE } from './forwarding-table.ts';
import type { Frontend } from './frontend.ts';
import { NodeGroups } from './node-groups.ts';

describe('what the kernel carries', { skip: skipReason }, () => {
  let world: KernelPathWorld;
  let nftables: Nftables;

  before(async () => {
    world = await KernelPathWorld.open();
    const { kernel, fabric } = world.outside;
    nftables = new Nftables(kernel.openNetfilterSocket(fabric));
  });
  after(() => {
    nftables.close();
    world.close();
  });
  afterEach(() => world.reset());

  test('goes to every node, in both families', async () => {
    const { path, one, two, outside, client } = world;
    path.carry(web, world.carriage([one, two]));
    path.carry(web6, world.carriage([one], { family: 6 }));
    assert.deepEqual(await world.answering(), ['node1', 'node2']);
    assert.equal(await outside.ask({ address: external6, port: 80 }, client), 'node1');
  });

  test('comes from the fabric, too, and from nodes, which it hides from each other', async () => {
    const { path, one, two, outside, addresses } = world;
    await Promise.all([external, external6].map((address) => addresses.acquire(address)));
    path.carry(web, world.carriage([one, two]));
    path.carry(web6, world.carriage([one, two], { family: 6 }));
    for (const from of [outside.fabric, one.netns, two.netns]) {
      for (let time = 0; time < 12; time += 1) {
        const address = time % 2 === 0 ? external : external6;
        assert.match(await outside.ask({ address, port: 80 }, from), /^node[12]$/);
      }
    }
    for (const address of [external, external6]) addresses.release(address);
  });

  test('row 19: of one client goes to the node that the door would choose', async () => {
    const { path, one, two, outside, client: netns } = world;
    path.carry(web, world.carriage([one, two], { isSticky: true }));
    path.carry(web6, world.carriage([one, two], { isSticky: true, family: 6 }));
    const named = [one, two].map(({ name }) => ({ name, address: name }));
    const { slots } = new NodeGroups().take(named, true).group;
    const ways = [
      [external, clients4],
      [external6, clients6],
    ] as const;
    for (const [address, clients] of ways) {
      for (const source of clients) {
        const found = await outside.ask({ address, port: 80 }, { netns, source });
        assert.equal(found, slots[clientSlot(source)], source);
      }
    }
  });

  test('leaves a sick node, but for what is open', async () => {
    const { path, one, two } = world;
    path.carry(web, world.carriage([one, two]));
    const { socket, node } = await world.connect();
    const other = node === one ? two : one;
    path.carry(web, world.carriage([other]));
    await world.settle();
    assert.deepEqual(await world.answering(8), [other.name]);
    await assertAnswers(socket, 'still here');
    assert.deepEqual(world.open(web), { [node.ip]: 1 });
    socket.destroy();
  });

  test('is not lost with a node that does not answer, once that is known', async () => {
    const { path, two, outside, client } = world;
    const silent = { name: 'silent', ip: '172.18.77.77', ip6: '' };
    path.carry(web, world.carriage([silent]));
    const socket = outside.dial({ address: external, port: 80 }, client);
    await nextTurn();
    path.carry(web, world.carriage([two], { members: [silent, two] }));
    await world.settle();
    const [name] = (await once(socket, 'data')) as [Buffer];
    assert.equal(name.toString(), two.name);
    socket.destroy();
  });

  test('of datagrams moves with the next one', async () => {
    const { path, one, two } = world;
    path.carry(dns, world.carriage([one]));
    const client = await world.openUdp();
    assert.equal(await askUdp(client), 'node1');
    assert.deepEqual(world.open(dns), { [one.ip]: 1 });
    path.carry(dns, world.carriage([two]));
    await world.settle();
    assert.equal(await askUdp(client), 'node2');
    client.close();
  });

  test('costs no chain and no rule more for 500 Services', () => {
    const { path, one, two } = world;
    const objects = (): number[] =>
      nftables
        .readRuleset()
        .flatMap(({ chains, sets }) => [sets.length, ...chains.map(({ rules }) => rules.length)]);
    path.carry(web, world.carriage([one, two]));
    const before = objects();
    for (let port = 1001; port < 1500; port += 1) {
      const other: Frontend = { ...web, port };
      path.carry(other, world.carriage([one, two]));
    }
    assert.deepEqual(objects(), before);
    const sets = nftables.readTable('ip', FORWARDING_TABLE)?.sets ?? [];
    assert.deepEqual(
      Object.fromEntries(sets.map((set) => [set.definition.name, set.elements.length])),
      {
        frontends: 500,
        'sticky-frontends': 0,
        'node-ports': 500,
        nodes: 60,
        near: 3,
      },
    );
  });

  test('is taken away whole', () => {
    const { path, one } = world;
    path.carry(web, world.carriage([one]));
    assert.equal(nftables.listTables().length, 2);
    path.close();
    path.close();
    assert.deepEqual(nftables.listTables(), []);
  });
});
