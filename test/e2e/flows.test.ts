// What policies did to real connections, as the tools of the command line tell it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FlowReport, StreamedFlow } from '../../src/cluster/index.ts';
import type { Story } from '../../src/explain/index.ts';
import { root, TestCluster, until, untilMatch } from './harness.ts';
import type { Job } from './job.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
after(() => cluster.close());

const closed = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'closed' },
  spec: { podSelector: { matchLabels: { app: 'web' } } },
};

/** A web server on the last node and who asks it from the first; its URL. */
async function createPair(lastNode: string): Promise<string> {
  await kubectl.apply(
    manifest(
      pod('web', { containers: [webServer], nodeName: lastNode }),
      pod('client', { containers: [sleeper], nodeName: 'node1' }),
    ),
  );
  await kubectl.wait('pod', 'condition=Ready', '--all');
  return `http://${await kubectl.read('{.status.podIP}', 'pod', 'web')}:8080/`;
}

function follow(...args: string[]): Job {
  return cluster.job(join(root, 'bin', 'portolan'), ['flows', '-f', ...args]);
}

/** The texts of `-o json`, one a line. */
function parse(lines: string): (StreamedFlow | Pick<FlowReport, 'totals'>)[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StreamedFlow);
}

interface Examined {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

async function examine(...args: string[]): Promise<{ code: number; policies: Examined[] }> {
  const { code, stdout } = await cluster.tryPortolan('doctor', '-o', 'json', ...args);
  const found = JSON.parse(stdout) as Examined[];
  return { code, policies: found.filter(({ name }) => name.includes('policies')) };
}

describe('a cluster whose network enforces policies', () => {
  let url: string;
  const ask = (): string[] => ['exec', 'client', '--', 'wget', '-qO-', '-T', '1', url];
  before(async () => {
    await cluster.start('--nodes', '2');
    url = await createPair('node2');
  });
  after(() => cluster.portolan('delete'));

  test('tells that nothing was dropped', async () => {
    const { code, stdout, stderr } = await cluster.tryPortolan('flows');
    assert.equal(code, 0);
    assert.match(stderr, /^note: no drop is remembered\. .*portolan flows -f$/m);
    assert.match(stdout, /^PACKETS DROPPED BY +EGRESS +INGRESS\nnode1 +0 +0\nnode2 +0 +0\n$/);
  });

  test('tells of connections as they come, with the policy that drops them, until Ctrl-C', async () => {
    const all = follow();
    const dropped = follow('--dropped', '-n', 'default', '--pod', 'web');
    // Connections begin once all are listening: the first they show is one that was made for that.
    await until('the flows to be followed', async () => {
      await kubectl(...ask());
      return /default\/client +default\/web:8080\/TCP +admitted/.exec(all.output) ?? undefined;
    });
    await kubectl.apply(JSON.stringify(closed));
    assert.match(await kubectl.fails(...ask()), /download timed out/);
    const line =
      /^\S+Z +node2 +default\/client +default\/web:8080\/TCP +dropped.* +ingress +NO_RULE_ADMITS +default\/closed$/m;
    for (const job of [all, dropped]) await job.printed(line);
    assert.doesNotMatch(dropped.output, /admitted/);
    for (const job of [all, dropped]) {
      await job.stop();
      assert.equal(await job.ended(), 0, job.output);
    }
  });

  test('remembers drops, one line for a connection that is tried again, and counts them all', async () => {
    assert.match(await kubectl.fails(...ask()), /download timed out/);
    const text = await cluster.portolan('flows', '-o', 'json', '--pod', 'client');
    const [drop, last, ...rest] = parse(text);
    assert.deepEqual(rest, []);
    assert.ok(drop !== undefined && 'verdict' in drop && drop.verdict === 'dropped');
    const { direction, onNode, source, destination, policies, count } = drop;
    assert.deepEqual(
      [direction, onNode, source.pod?.name, destination.pod?.name],
      ['ingress', 'node2', 'client', 'web'],
    );
    assert.deepEqual(policies, [{ kind: 'NetworkPolicy', namespace: 'default', name: 'closed' }]);
    assert.ok(last !== undefined && 'totals' in last);
    const [first, second] = last.totals;
    assert.equal(first?.ingress, 0);
    assert.ok(count >= 2 && (second?.ingress ?? 0) >= count, text);
    const shown = await cluster.portolan('flows');
    assert.match(shown, /default\/client +default\/web:8080\/TCP +dropped \(x\d+\) +ingress/);
    const { stdout, stderr } = await cluster.tryPortolan('flows', '-n', 'kube-system');
    assert.match(stderr, /^note: no drop is remembered of these; 1 of others/);
    assert.doesNotMatch(stdout, /dropped/);
  });

  test('puts one Event on the pod for many packets', async () => {
    const events = (): Promise<string> =>
      kubectl('get', 'events', '--field-selector', 'reason=NetworkPolicyDrop', '-o', 'json');
    await untilMatch(/isolated by NetworkPolicy default\/closed/, events);
    const { items } = JSON.parse(await events()) as {
      items: {
        type: string;
        count?: number;
        involvedObject: { kind: string; name: string };
      }[];
    };
    assert.deepEqual(
      items.map(({ type, count, involvedObject: { kind, name } }) => [type, count, kind, name]),
      [['Warning', 1, 'Pod', 'web']],
    );
  });

  test('doctor tries policies on every node, whatever policies there are', async () => {
    const { code, policies } = await examine();
    assert.equal(code, 0);
    assert.deepEqual(
      policies.map(({ name, ok }) => [name, ok]),
      [
        ['policies on node1', true],
        ['policies on node2', true],
      ],
    );
  });

  test('doctor names the node where they do not work', async () => {
    const onNode = (text: string): Promise<string> =>
      cluster.portolan('exec', 'node2', '--', 'nft', text);
    await onNode('add table ip unplanned');
    await onNode('add chain ip unplanned forward { type filter hook forward priority 0; }');
    await onNode('add rule ip unplanned forward tcp dport 80 drop');
    const { code, policies } = await examine();
    await onNode('delete table ip unplanned');
    assert.equal(code, 1);
    assert.deepEqual(
      policies.map(({ name, ok }) => [name, ok]),
      [
        ['policies on node1', true],
        ['policies on node2', false],
      ],
    );
    assert.match(
      policies[1]?.detail ?? '',
      /^node node2 does not enforce network policies: .* is silent$/,
    );
    assert.match(await cluster.portolan('doctor'), /^ok +policies on node2 /m);
  });

  test('a stopped cluster has no flows, and says how to resume it', async () => {
    const job = follow();
    await job.printed(/TIME/);
    await cluster.portolan('stop');
    assert.equal(await job.ended(), 1);
    assert.match(
      job.output,
      /cluster "portolan" does not run any more\n +Resume it: .*portolan start/,
    );
    for (const args of [[], ['-f']]) {
      const { code, stderr } = await cluster.tryPortolan('flows', ...args);
      assert.equal(code, 1);
      assert.match(stderr, /cluster "portolan" is not running\n +Start it: .*portolan start/);
    }
  });
});

describe('a cluster whose network does not', () => {
  const name = ['--name', 'open'];
  let url: string;
  before(async () => {
    await cluster.start(...name, '--nodes', '1', '--cni', 'bridge');
    url = await createPair('node1');
    await kubectl.apply(JSON.stringify(closed));
  });

  test('has no flows, and says why', async () => {
    for (const args of [[], ['-f'], ['-o', 'json']]) {
      const { code, stdout, stderr } = await cluster.tryPortolan('flows', ...name, ...args);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /network of cluster "open" \(--cni bridge\) enforces no policies/);
    }
  });

  test('is told of by doctor', async () => {
    const { code, policies } = await examine(...name);
    assert.deepEqual(
      [code, policies.map(({ ok, detail }) => [ok, detail])],
      [1, [[false, 'NetworkPolicies are accepted, not enforced (--cni bridge)']]],
    );
  });

  test('is explained as what packets do', async () => {
    assert.match(await cluster.exec('client', 'wget', '-qO-', url), /page of web/);
    const args = ['pod/client', 'pod/web:8080', '--live', '-o', 'json'];
    const { code, stdout } = await cluster.tryPortolan('explain', ...name, ...args);
    const { admits, paths, live, change } = JSON.parse(stdout) as Story;
    assert.deepEqual([code, admits, change], [0, true, undefined]);
    const hop = paths[0]?.hops.find(({ step }) => step === 'ingress');
    assert.deepEqual([hop?.outcome, hop?.reason], ['passes', 'NOT_ENFORCED']);
    assert.match(
      hop?.sentence ?? '',
      /^policies are accepted, not enforced \(--cni bridge\); they say: NetworkPolicy default\/closed selects/,
    );
    assert.deepEqual(
      live?.map(({ connected, agrees }) => [connected, agrees]),
      [[true, true]],
    );
    for (const question of [['matrix'], ['policies', 'web'], ['selects', 'closed']]) {
      const { stderr } = await cluster.tryPortolan(...question, ...name);
      assert.match(stderr, /^note: this is what policies say: they are accepted, not enforced/m);
    }
  });
});
