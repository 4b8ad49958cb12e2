import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Happening } from '../../client/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import { KernelEvents } from '../../kernel/index.ts';
import type { KubeObject } from '../../kube/index.ts';
import { until } from '../testing/until.ts';
import { DropEvents } from './drop-events.ts';
import { FlowWatch } from './flow-watch.ts';
import { FlowWorld } from './flow-world.ts';
import type { AdmittedFlow, DroppedFlow } from './flows.ts';
import type { ToldDrop } from './drop-log.ts';
import { PolicyLab, type LabPod } from './testing/policy-lab.ts';

const app = (name: string) => ({ matchLabels: { app: name } });

describe('what is told of connections', () => {
  let lab: PolicyLab;
  let events: KernelEvents;
  let watch: FlowWatch;
  let a: LabPod;
  let b: LabPod;
  const told: ToldDrop[] = [];

  before(async () => {
    lab = await PolicyLab.create();
    a = await lab.pod({ name: 'a', labels: { app: 'a' } });
    b = await lab.pod({ name: 'b', labels: { app: 'b' }, node: 1 });
    events = new KernelEvents(lab.test.kernel);
    const world = new FlowWorld({
      snapshot: () => ({ ...lab.world, podsByIP: new Map() }),
      podRanges: lab.enforcer.podRanges,
      podAt: (address) => lab.enforcer.podAt(address),
    });
    watch = new FlowWatch({
      events,
      clock: systemClock,
      world,
      nodes: lab.nodes,
      totals: () => lab.enforcer.drops(),
      onDrop: (drop) => told.push(drop),
      log: (text) => lab.log.push(text),
    });
  });
  after(async () => {
    watch.close();
    await events.close();
    lab.dispose();
  });
  afterEach(() => {
    lab.clear();
    told.length = 0;
  });

  test('a drop names both pods, the direction and who isolates', async () => {
    lab.policy('deny', { podSelector: app('b') });
    const heard: DroppedFlow[] = [];
    const stop = watch.onDrop((flow) => heard.push(flow));
    await lab.traffic.reaches(a, b);
    const flow = await until('the drop is told of', () => heard[0]);
    const { time, firstTime, ...rest } = flow;
    assert.equal(time, firstTime);
    assert.deepEqual(rest, {
      verdict: 'dropped',
      onNode: 'node2',
      source: { address: '10.244.0.2', pod: { namespace: 'default', name: 'a' } },
      destination: { address: '10.244.1.2', pod: { namespace: 'default', name: 'b' } },
      protocol: 'TCP',
      port: 80,
      direction: 'ingress',
      reason: 'NO_RULE_ADMITS',
      policies: [{ kind: 'NetworkPolicy', namespace: 'default', name: 'deny' }],
      count: 1,
    });
    stop();
    await lab.traffic.reaches(a, b);
    const again = await until('it is counted', () =>
      watch.drops().find(({ count }) => count === 2),
    );
    assert.equal(again.direction, 'ingress');
    assert.equal(heard.length, 1);
    assert.ok(watch.totals().find(({ node }) => node === 'node2')?.ingress === 2);
  });

  test("a drop of egress is the source's, over UDP and IPv6 too, whatever it was sent to", async () => {
    lab.policy('no-egress', { podSelector: app('a'), policyTypes: ['Egress'] });
    await lab.traffic.reaches(a, lab.outside, { protocol: 'UDP', port: 53, family: 6 });
    const flow = await until('the drop is told of', () =>
      watch.drops().find(({ direction }) => direction === 'egress'),
    );
    assert.deepEqual(
      [flow.onNode, flow.source.pod?.name, flow.destination, flow.protocol, flow.port],
      ['node1', 'a', { address: 'fd00:172:18::1' }, 'UDP', 53],
    );
  });

  test('an admitted connection is told of once, by the node of its destination', async () => {
    const flows: AdmittedFlow[] = [];
    const stop = watch.onAdmitted((flow) => flows.push(flow));
    await until('a connection is told of', async () => {
      await lab.traffic.reaches(a, b);
      return flows[0];
    });
    assert.deepEqual(new Set(flows.map(({ onNode }) => onNode)), new Set(['node2']));
    assert.deepEqual(
      [flows[0]?.source.pod?.name, flows[0]?.destination.pod?.name, flows[0]?.port],
      ['a', 'b', 80],
    );
    stop();
  });

  test('the pod that does not admit has a Warning, once a minute for each flow', async () => {
    lab.policy('deny', { podSelector: app('b') });
    await lab.traffic.reaches(a, b);
    const drop = await until('the drop is told of', () => told[0]);
    const written: [string, Happening][] = [];
    const clock = new FakeClock();
    const recorder = {
      event: (object: KubeObject, happening: Happening) =>
        void written.push([object.metadata.name, happening]),
      flush: () => Promise.resolve(),
    };
    const dropEvents = new DropEvents(recorder, clock);
    dropEvents.tell(drop);
    dropEvents.tell(drop);
    await clock.advance(60_000);
    dropEvents.tell(drop);
    dropEvents.tell({ ...drop, flow: { ...drop.flow, port: 81 } });
    assert.deepEqual(written[0], [
      'b',
      {
        type: 'Warning',
        reason: 'NetworkPolicyDrop',
        message:
          'ingress does not admit TCP from default/a (10.244.0.2) to port 80: isolated by NetworkPolicy default/deny (NO_RULE_ADMITS)',
      },
    ]);
    assert.equal(written.length, 3);
  });
});
