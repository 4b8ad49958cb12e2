// What packets see of rules that a stranger takes away: the real nft, in the node's namespace.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { systemClock } from '../../clock/index.ts';
import { KernelEvents } from '../../kernel/index.ts';
import { nftIn } from '../../nft/testing/fresh-nftables.ts';
import { TABLE } from '../../plan/index.ts';
import { capturesOf } from '../../plan/testing/services.ts';
import { ask, serve } from '../../plan/testing/talk.ts';
import { World } from '../../plan/testing/world.ts';
import { PolicyLab, type LabNode, type LabPod } from '../policy/testing/policy-lab.ts';
import { until } from '../testing/until.ts';
import { RulesWatch, type GuardedTables } from './rules-watch.ts';

/** A watch over a real node, and its log. */
function watchOver(events: KernelEvents, netns: string, tables: GuardedTables) {
  const log: string[] = [];
  const watch = new RulesWatch({
    events,
    clock: systemClock,
    node: { name: 'node1', netns },
    tables: [tables],
    log: (text) => log.push(text),
  });
  /** Resolves when this was repaired, with what was said about it; nothing else may have been. */
  const repaired = (): Promise<string> =>
    until('a repair', () => log.splice(0).join('\n') || undefined);
  return { watch, log, repaired };
}

describe('policies that something else takes away', () => {
  let lab: PolicyLab;
  let node: LabNode;
  let events: KernelEvents;
  let watched: ReturnType<typeof watchOver>;
  let a: LabPod;
  let b: LabPod;

  before(async () => {
    lab = await PolicyLab.create({ nodes: 1 });
    node = lab.nodes[0] as LabNode;
    a = await lab.pod({ name: 'a' });
    b = await lab.pod({ name: 'b', labels: { app: 'b' } });
    lab.policy('deny', { podSelector: { matchLabels: { app: 'b' } } });
    assert.ok(!(await lab.traffic.reaches(a, b)));
    events = new KernelEvents(lab.test.kernel);
    watched = watchOver(events, node.netns, lab.enforcer.tables('node1'));
  });
  after(async () => {
    watched.watch.close();
    await events.close();
    lab.dispose();
  });
  afterEach(() => assert.deepEqual(watched.log, []));

  for (const [what, command] of [
    ['the whole ruleset', 'flush ruleset'],
    ['their table', 'delete table ip portolan-policy'],
    ['a rule', 'flush chain ip portolan-policy ingress'],
    ['an element', 'flush set ip portolan-policy ingress-subjects'],
    ['their hooks', 'add table ip portolan-policy { flags dormant; }'],
  ] as const) {
    test(`are in force again: ${what}`, async () => {
      lab.nft(node, command);
      const said = await watched.repaired();
      assert.match(
        said,
        /^node1: nft \(pid \d+\) changed nftables rules of Portolan, repaired: portolan-policy \(\d+ changes?\)$/,
      );
      assert.ok(!(await lab.traffic.reaches(a, b)));
      assert.ok(await lab.traffic.reaches(b, a));
    });
  }

  test('are no reason to wake up when their owner changes them, or a stranger something else', async () => {
    const seen: number[] = [];
    const spy = events.subscribeRules(node.netns, [lab.enforcer.tables('node1').portId], {
      onMessages: (messages) => seen.push(...messages.map(({ portId }) => portId)),
      onLost: () => assert.fail('notifications were lost'),
    });
    lab.policy('more', { podSelector: { matchLabels: { app: 'a' } } });
    assert.ok(await lab.traffic.reaches(a, a));
    lab.nft(node, 'add table ip other');
    await until('the other table is told of', () => (seen.length >= 2 ? true : undefined));
    spy.close();
    assert.equal(new Set(seen).size, 1);
    lab.nft(node, 'delete table ip other');
  });
});

describe('a Service whose rules something else takes away', () => {
  const to = { host: '10.96.0.1', port: 80 };
  /** What happens right after a repair. */
  const strikes: (() => void)[] = [];
  let world: World;
  let events: KernelEvents;
  let watched: ReturnType<typeof watchOver>;
  let server: Awaited<ReturnType<typeof serve>>;

  before(async () => {
    world = new World();
    const { programmer, nftables, podA, node } = world;
    server = await serve(world.test, podA, 8080);
    programmer.apply('default/web', capturesOf({ targetPort: 8080, backends: [podA] }));
    events = new KernelEvents(world.test.kernel);
    watched = watchOver(events, node.path, {
      table: TABLE,
      portId: nftables.portId,
      repair() {
        const changes = programmer.resync().length;
        strikes.pop()?.();
        return changes;
      },
      isUntouched: () => programmer.isUntouched,
    });
  });
  after(async () => {
    watched.watch.close();
    await events.close();
    await server.close();
    world.dispose();
  });

  for (const command of [
    'flush ruleset',
    'delete table ip portolan',
    'flush map ip portolan services',
  ]) {
    test(`is reachable again: ${command}`, async () => {
      assert.equal((await ask(world.test, world.podB, to)).server, 'pod-a');
      nftIn(world.node.path, command);
      await watched.repaired();
      assert.equal((await ask(world.test, world.podB, to)).server, 'pod-a');
      assert.deepEqual(world.programmer.resync(), []);
    });
  }

  test('is reachable again although the stranger strikes while nobody listens', async () => {
    strikes.push(() => nftIn(world.node.path, 'flush ruleset'));
    nftIn(world.node.path, 'flush ruleset');
    await watched.repaired();
    assert.equal((await ask(world.test, world.podB, to)).server, 'pod-a');
    assert.deepEqual(world.programmer.resync(), []);
  });
});
