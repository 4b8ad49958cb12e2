import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Hop, Matrix, Story } from '../../src/explain/index.ts';
import { TestCluster, until, type Outcome } from './harness.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

// What is told, what packets do, and what kubectl applies: three ways to the same answer.

const cluster = new TestCluster();
const { kubectl } = cluster;

function service(name: string, spec: object): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function policy(name: string, spec: object): object {
  const apiVersion = 'networking.k8s.io/v1';
  return { apiVersion, kind: 'NetworkPolicy', metadata: { name }, spec };
}

const toWeb = { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] };

before(async () => {
  await cluster.start('--nodes', '2');
  await kubectl.apply(
    manifest(
      pod('web', { containers: [webServer], nodeName: 'node1' }),
      pod('near', { containers: [sleeper], nodeName: 'node1' }),
      pod('far', { containers: [sleeper], nodeName: 'node2' }),
      pod('late', {
        containers: [{ ...webServer, readinessProbe: { exec: { command: ['false'] } } }],
      }),
      service('web', toWeb),
      service('late', { ...toWeb, selector: { app: 'late' } }),
      service('typo', { ...toWeb, selector: { app: 'wbe' } }),
      service('wrong', { ...toWeb, ports: [{ port: 80, targetPort: 'htpp' }] }),
      service('deaf', { ...toWeb, ports: [{ port: 80, targetPort: 9999 }] }),
    ),
  );
  for (const name of ['web', 'near', 'far']) await cluster.ready(`app=${name}`);
});

after(() => cluster.close());

interface Told extends Outcome {
  readonly story: Story;
}

async function explain(...words: string[]): Promise<Told> {
  const outcome = await cluster.tryPortolan('explain', ...words, '-o', 'json');
  assert.notEqual(outcome.stdout, '', outcome.stderr);
  return { ...outcome, story: JSON.parse(outcome.stdout) as Story };
}

function hopOf({ paths }: Story, step: Hop['step']): Hop | undefined {
  return paths[0]?.hops.find((hop) => hop.step === step);
}

/** Told and tried: both agree, and this is the outcome. */
async function agreed(from: string, to: string, admits: boolean): Promise<Story> {
  const { story, code } = await explain(from, to, '--live');
  assert.deepEqual(
    [code, story.admits, story.live?.map(({ connected, agrees }) => [connected, agrees])],
    [admits ? 0 : 1, admits, story.live?.map(() => [admits, true])],
    JSON.stringify(story, null, 1),
  );
  assert.notEqual(story.live?.length, 0);
  return story;
}

/** The change that was told, applied with kubectl, lets real connections through. */
async function applied(story: Story, from: string, to: string): Promise<void> {
  assert.equal(story.change?.admits, true);
  await kubectl.apply(story.change.manifest);
  await until('the change to be followed', async () => {
    const { story, code } = await explain(from, to, '--live');
    return code === 0 && story.live?.every(({ connected }) => connected) ? true : undefined;
  });
}

describe('Services', () => {
  test('that work', async () => {
    const story = await agreed('pod/far', 'svc/web', true);
    assert.deepEqual(
      story.paths[0]?.hops.map(({ reason }) => reason),
      [
        'CLUSTER_IP',
        'READY_ENDPOINTS',
        'NO_POLICY_SELECTS',
        'OTHER_NODE',
        'NO_POLICY_SELECTS',
        'LISTENS',
      ],
    );
    assert.match(await cluster.exec('far', 'wget', '-qO-', 'http://web/'), /page of web/);
  });

  test('by name, which real DNS answers, too', async () => {
    const story = await agreed('pod/near', 'web.default:80', true);
    assert.deepEqual([hopOf(story, 'dns')?.reason, story.live?.length], ['DNS_ADMITTED', 2]);
  });

  test('with a selector that has a typing error', async () => {
    const story = await agreed('pod/near', 'svc/typo', false);
    const hop = hopOf(story, 'service');
    assert.equal(hop?.reason, 'SELECTOR_MATCHES_NO_POD');
    assert.match(hop.details[0]?.sentence ?? '', /pod default\/web has app=web/);
    await applied(story, 'pod/near', 'svc/typo');
  });

  test('with the wrong name of a target port', async () => {
    const story = await agreed('pod/near', 'svc/wrong', false);
    assert.equal(hopOf(story, 'service')?.reason, 'TARGET_PORT_NOT_FOUND');
    await applied(story, 'pod/near', 'svc/wrong');
  });

  test('with a target port where nothing listens', async () => {
    const story = await agreed('pod/near', 'svc/deaf', false);
    assert.equal(hopOf(story, 'listen')?.reason, 'NOTHING_LISTENS');
    await applied(story, 'pod/near', 'svc/deaf');
  });

  test('whose pods are not ready, and why', async () => {
    const story = await agreed('pod/near', 'svc/late', false);
    const hop = hopOf(story, 'service');
    assert.equal(hop?.reason, 'PODS_NOT_READY');
    assert.match(hop.details[0]?.sentence ?? '', /readiness probe of container main fails/);
  });

  test('from outside, once there is a node port', async () => {
    const { story } = await explain('outside', 'svc/web');
    assert.equal(hopOf(story, 'service')?.reason, 'NOT_EXPOSED');
    await applied(story, 'outside', 'svc/web');
  });
});

describe('a load balancer that is for some sources', () => {
  const balancer = (block: string) =>
    service('guarded', {
      ...toWeb,
      type: 'LoadBalancer',
      loadBalancerSourceRanges: [block],
    });

  for (const [block, admits] of [
    ['172.18.0.1/32', true],
    ['203.0.113.0/24', false],
  ] as const) {
    test(`${block} ${admits ? 'lets in' : 'keeps out'} what is sent from outside, as told`, async () => {
      await kubectl.apply(manifest(balancer(block)));
      await until('the ranges to be followed', async () => {
        const { story } = await explain('outside', 'svc/guarded', '--live');
        const [live] = story.live ?? [];
        return story.admits === admits && live?.agrees ? true : undefined;
      });
      const story = await agreed('outside', 'svc/guarded', admits);
      assert.equal(story.paths[0]?.source.address, '172.18.0.1');
    });
  }
});

describe('policies', () => {
  test('that isolate the destination, on one node and on two', async () => {
    await kubectl.apply(
      manifest(policy('closed', { podSelector: { matchLabels: { app: 'web' } } })),
    );
    await until('the isolation', async () =>
      (await explain('pod/near', 'pod/web:8080', '--live')).code === 1 ? true : undefined,
    );
    for (const from of ['pod/near', 'pod/far']) {
      const story = await agreed(from, 'pod/web:8080', false);
      const hop = hopOf(story, 'ingress');
      assert.deepEqual([hop?.reason, hop?.object?.name], ['NO_RULE_ADMITS', 'closed']);
    }
    await agreed('pod/web', 'pod/web:8080', true);
    await agreed('node/node1', 'pod/web:8080', true);
  });

  test('the smallest change admits the one source and nobody else', async () => {
    const { story } = await explain('pod/far', 'pod/web:8080');
    await applied(story, 'pod/far', 'pod/web:8080');
    await agreed('pod/near', 'pod/web:8080', false);
  });

  test('that keep a pod from DNS', async () => {
    const spec = { podSelector: { matchLabels: { app: 'far' } }, policyTypes: ['Egress'] };
    const egress = [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }] }];
    await kubectl.apply(manifest(policy('far', { ...spec, egress })));
    await agreed('pod/far', 'svc/web', true);
    const { story, code } = await explain('pod/far', 'web:80', '--live');
    assert.equal(code, 1);
    assert.equal(hopOf(story, 'dns')?.reason, 'DNS_NOT_ADMITTED');
    assert.deepEqual(
      story.live?.map(({ connected, agrees }) => [connected, agrees]),
      [
        [false, true],
        [true, true],
      ],
    );
    await applied(story, 'pod/far', 'web:80');
    assert.match(await cluster.exec('far', 'wget', '-qO-', 'http://web/'), /page of web/);
  });

  test('the matrix is what packets do', async () => {
    const text = await cluster.portolan('matrix', '-n', 'default', '--ports', '8080', '-o', 'json');
    const { cells } = JSON.parse(text) as Matrix;
    const ofWeb = cells.filter(({ from, to }) => to === 'default/web' && from !== 'outside');
    assert.deepEqual(ofWeb.map(({ from, admits }) => `${from} ${admits}`).sort(), [
      'default/far true',
      'default/late false',
      'default/near false',
    ]);
    for (const { from, admits } of ofWeb) {
      const name = from.replace('default/', '');
      await agreed(`pod/${name}`, 'pod/web:8080', admits);
    }
  });

  test('which policies hit a pod, and which pods a policy selects', async () => {
    assert.match(
      await cluster.portolan('policies', 'web'),
      /isolated for ingress.*\n\nPOLICY.*\ndefault\/closed /s,
    );
    assert.equal(
      await cluster.portolan('selects', 'far'),
      'NetworkPolicy default/far selects 1 pod for egress:\n  default/far',
    );
  });
});

test('a network that does otherwise than told is shouted, with an exit code of its own', async () => {
  const drop = ['nft', 'add rule ip unplanned forward tcp dport 8080 drop'];
  const chain = 'add chain ip unplanned forward { type filter hook forward priority 0; }';
  await cluster.portolan('exec', 'node1', '--', 'nft', 'add table ip unplanned');
  await cluster.portolan('exec', 'node1', '--', 'nft', chain);
  await cluster.portolan('exec', 'node1', '--', ...drop);
  const { code, stdout } = await cluster.tryPortolan(
    'explain',
    'pod/far',
    'pod/web:8080',
    '--live',
  );
  await cluster.portolan('exec', 'node1', '--', 'nft', 'delete table ip unplanned');
  assert.equal(code, 4);
  assert.match(stdout, /^MISMATCH: .*^admits$.*timed out, NOT AS TOLD$/ms);
  await agreed('pod/far', 'pod/web:8080', true);
});

describe('manifests', () => {
  const folder = join(cluster.home, 'shop');
  const file = join(folder, 'policy.yaml');
  before(() => {
    mkdirSync(folder);
    const objects = [
      pod('web', { containers: [webServer] }),
      pod('client', { containers: [sleeper] }),
      service('web', toWeb),
    ];
    writeFileSync(join(folder, 'pods.json'), manifest(...objects));
    writeFileSync(
      file,
      `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels: {app: web}
  ingress:
    - from:
        - podSelector: {matchLabels: {app: api}}
`,
    );
  });

  test('need no cluster, and the line that decides is named', async () => {
    const env = { PORTOLAN_HOME: join(cluster.home, 'empty') };
    const program = join(import.meta.dirname, '../../bin/portolan');
    const args = ['explain', 'pod/client', 'svc/web', '-f', folder];
    const { code, stdout } = await cluster.run(program, args, { env });
    assert.equal(code, 1, stdout);
    assert.ok(stdout.includes(`(${file}:9)`), stdout);
  });

  test('show what would change before they are applied', async () => {
    const text = await cluster.portolan('matrix', '--ports', '8080', '--with', file);
    assert.match(text, /^nothing changes$/);
    const open = join(folder, 'open.yaml');
    writeFileSync(open, JSON.stringify(policy('closed', { podSelector: {}, ingress: [{}] })));
    const opened = await cluster.portolan('matrix', '--ports', '8080', '--with', open);
    assert.match(
      opened,
      /^\+ default\/near -> default\/web 8080\/TCP: does not admit before, admits after$/m,
    );
  });
});

test('any cluster that kubectl has a context for', async () => {
  const { story, code } = await explain('pod/far', 'svc/web', '--context', 'portolan');
  assert.deepEqual([code, story.verdict], [0, 'admits']);
});
