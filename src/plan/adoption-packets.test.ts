import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Element } from '../nft/index.ts';
import { setsOf } from './layout.ts';
import { NodeProgrammer } from './node-programmer.ts';
import { capturesOf } from './testing/services.ts';
import { settings } from './testing/settings.ts';
import { ask, serveAll, survey, type Listening } from './testing/talk.ts';
import { World, type Host } from './testing/world.ts';

const PORT = 8080;
const clusterIP = { host: '10.96.0.1', port: 80 };
const clusterIPv6 = { host: 'fd00:10:96::1', port: 80 };
/** Without sessions, both endpoints answer within so many tries but for a chance of one in two billion. */
const MANY = 32;

describe('row 19: sessions when a daemon takes a node over', () => {
  let world: World;
  let listening: Listening;

  before(async () => {
    world = new World();
    listening = await serveAll(world.test, [world.podA, world.podB], [PORT]);
  });

  after(async () => {
    await listening.close();
    world.dispose();
  });

  beforeEach(() => {
    world.programmer.stop();
    world.programmer.start();
  });

  type Options = Omit<Parameters<typeof capturesOf>[0], 'targetPort' | 'spec'>;
  const sticky = (options: Options) =>
    capturesOf({
      targetPort: PORT,
      ...options,
      spec: {
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
      },
    });

  /** What the next daemon does; others have Services before this one, so that its numbers differ. */
  function takeOver(options: Options, before = 1): void {
    const others = Array.from({ length: before }, (_, index) => {
      const clusterIPs = [`10.96.1.${index}`, `fd00:10:96::1:${index}`] as const;
      return [`default/a${index}`, sticky({ ...options, clusterIPs })] as const;
    });
    const next = new NodeProgrammer(world.nftables, settings);
    next.start([...others, ['default/web', sticky(options)]]);
  }

  const servers = async (from: Host, to: typeof clusterIP, times = MANY): Promise<string[]> =>
    (await survey(times, () => ask(world.test, from, to))).servers;
  const sessions = (): readonly Element[] => world.nftables.listElements(setsOf('ip').sessions);

  for (const others of [0, 1, 3]) {
    test(`go on, with ${others} other Services programmed first`, async () => {
      const backends = [world.podA, world.podB];
      world.programmer.apply('default/web', sticky({ backends }));
      for (const to of [clusterIP, clusterIPv6]) {
        const first = await servers(world.client, to);
        assert.equal(first.length, 1);
        takeOver({ backends }, others);
        assert.deepEqual(await servers(world.client, to), first);
      }
    });
  }

  test('go on for the time that they had left', async () => {
    const backends = [world.podA, world.podB];
    world.programmer.apply('default/web', sticky({ backends }));
    await servers(world.client, clusterIP, 1);
    const aging = sessions()[0]?.expires ?? 0;
    while ((sessions()[0]?.expires ?? 0) >= aging - 50) await nextTurn();
    takeOver({ backends });
    const [carried] = sessions();
    assert.equal(carried?.timeout, 600_000);
    assert.ok((carried?.expires ?? Infinity) < aging);
  });

  test('end when their endpoint went meanwhile', async () => {
    const backends = [world.podA, world.podB];
    world.programmer.apply('default/web', sticky({ backends }));
    const [first] = await servers(world.client, clusterIP, 1);
    const others = backends.filter(({ name }) => name !== first);
    takeOver({ backends: others });
    assert.deepEqual(sessions(), []);
    assert.deepEqual(
      await servers(world.client, clusterIP, 2),
      others.map(({ name }) => name),
    );
  });

  test('end with their Service', async () => {
    world.programmer.apply('default/web', sticky({ backends: [world.podA] }));
    await servers(world.client, clusterIP, 1);
    new NodeProgrammer(world.nftables, settings).start();
    assert.deepEqual(sessions(), []);
  });

  test('go on when all is written anew because the kernel refused a change', async () => {
    const backends = [world.podA, world.podB];
    let rebuilds = 0;
    const next = new NodeProgrammer(world.nftables, settings, () => (rebuilds += 1));
    const door = capturesOf({
      backends,
      targetPort: PORT,
      clusterIPs: ['10.96.0.9', 'fd00:10:96::9'],
    });
    next.start([
      ['default/web', sticky({ backends })],
      ['default/door', door],
    ]);
    const first = await servers(world.client, clusterIP, 1);
    const { services: set } = setsOf('ip');
    world.nftables.commit([
      { kind: 'delete element', set, elements: [{ key: ['10.96.0.9', 'tcp', 80] }] },
    ]);
    next.apply('default/door', []);
    assert.equal(rebuilds, 1);
    assert.deepEqual(await servers(world.client, clusterIP), first);
  });

  test('go on when a resync has to replace a table', async () => {
    const backends = [world.podA, world.podB];
    const next = new NodeProgrammer(world.nftables, settings);
    next.start([['default/web', sticky({ backends })]]);
    const first = await servers(world.client, clusterIP, 1);
    const chain = { family: 'ip', table: 'portolan', name: 'filter-input' } as const;
    world.nftables.commit([
      { kind: 'flush chain', chain },
      { kind: 'delete chain', chain },
    ]);
    assert.notDeepEqual(next.resync(), []);
    assert.deepEqual(next.resync(), []);
    assert.deepEqual(await servers(world.client, clusterIP), first);
  });

  test('of a table that another version made are left behind', () => {
    const table = { family: 'ip', name: 'portolan' } as const;
    const set = { family: 'ip', table: 'portolan', name: 'sessions', key: ['mark'] } as const;
    world.nftables.commit([
      { kind: 'delete table', table },
      { kind: 'add table', table },
      { kind: 'add set', set },
      { kind: 'add element', set, elements: [{ key: [7] }] },
    ]);
    takeOver({ backends: [world.podA] });
    assert.deepEqual(sessions(), []);
  });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
