// Clusters start, stop, come back, survive their daemon's death and leave nothing.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root, TestCluster, until, untilMatch } from './harness.ts';
import { manifest, pod, sleeper } from './manifests.ts';
import { tracesOf } from './traces.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

const foreignConfig = `# written by hand
apiVersion: v1
kind: Config
clusters:
  - name: far # keep me
    cluster: { server: "https://far.example:6443" }
contexts:
  - name: far
    context: { cluster: far, user: somebody }
users:
  - name: somebody
    user: {}
current-context: far
`;

before(async () => {
  writeFileSync(cluster.kubeconfig, foreignConfig, { mode: 0o600 });
  await cluster.start();
});
after(() => cluster.close());

interface DaemonStatus {
  readonly state: string;
  readonly pid: number;
  readonly nodes: readonly { readonly name: string; readonly isReady: boolean }[];
}

async function statusOf(...args: string[]): Promise<DaemonStatus> {
  return JSON.parse(await cluster.portolan('status', '-o', 'json', ...args)) as DaemonStatus;
}

/** Ends the daemon as a power cut would. */
async function killDaemon(...args: string[]): Promise<void> {
  const { pid } = await statusOf(...args);
  process.kill(pid, 'SIGKILL');
  await until('the death of the daemon', () => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) ? true : undefined;
    } catch {
      return true;
    }
  });
}

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    },
  },
};
const webService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: {
    type: 'NodePort',
    selector: { app: 'web' },
    ports: [{ port: 80, nodePort: 31234 }],
  },
};

async function servedFrom(ip: string): Promise<string> {
  const page = await untilMatch(
    /"pod": "(web-[^"]+)"/,
    async () => (await cluster.run('curl', ['-s', '-m', '2', `http://${ip}:31234/`])).stdout,
  );
  return page[1] ?? '';
}

describe('the command line', () => {
  test('start again is a no-op that says so', async () => {
    const { pid } = await statusOf();
    assert.match(await cluster.start(), /^cluster "portolan" is running already \(3 nodes, /);
    assert.equal((await statusOf()).pid, pid);
    const { code, stderr } = await cluster.tryPortolan('start', '--nodes', '5');
    assert.equal(code, 1);
    assert.match(stderr, /has 3 nodes and keeps them\n +Leave --nodes off, or /);
  });

  test('the context is merged into the file that is there', async () => {
    const text = readFileSync(cluster.kubeconfig, 'utf8');
    assert.match(text, /^# written by hand$/m);
    assert.match(text, /name: far # keep me/);
    assert.equal(statSync(cluster.kubeconfig).mode & 0o777, 0o600);
    assert.equal(await kubectl('config', 'current-context'), 'portolan');
    assert.match(await kubectl('config', 'get-contexts', '-o', 'name'), /^far\nportolan$/);
  });

  test('every verb answers', async () => {
    assert.match(await cluster.portolan('status'), /^cluster "portolan" is running: .*\n/);
    const { state, nodes } = await statusOf();
    assert.equal(state, 'running');
    assert.deepEqual(
      nodes.map(({ name, isReady }) => [name, isReady]),
      ['node1', 'node2', 'node3'].map((name) => [name, true]),
    );
    const [, mine = ''] = /^127\.18\.(\d+)\.2$/.exec(await cluster.portolan('ip')) ?? [];
    assert.equal(await cluster.portolan('ip', '-n', 'node3'), `127.18.${mine}.4`);
    assert.match(await cluster.portolan('kubeconfig'), /^current-context: "?portolan"?$/m);
    await cluster.portolan('logs');
    assert.match(
      await cluster.portolan('doctor'),
      /^ok +cluster portolan +runs, all nodes ready$/m,
    );
    assert.match(await cluster.portolan('version'), /^portolan \d\S*, Kubernetes API v1\./);
    for (const shell of ['bash', 'zsh', 'fish'])
      assert.match(await cluster.portolan('completion', shell), /complete|compdef/);
    assert.match(
      await cluster.portolan('exec', 'node2', '--', 'ip', '-4', 'addr'),
      /inet 172\.18\.0\.3\/16/,
    );
    assert.match(await cluster.portolan('exec', 'outside', '--', 'ip', 'addr'), /172\.18\./);
  });

  test('what is not there is named, with what to do', async () => {
    for (const [args, said] of [
      [['status', '--name', 'other'], /^portolan: there is no cluster "other"\n +Make it: /],
      [['ip', '-n', 'node9'], /has no node "node9"\n +Its nodes are: node1, node2, node3\n$/],
      [['start', '--name', 'Bad_Name'], /^portolan: "Bad_Name" cannot name a cluster\n/],
      [['start', '--nodes', 'many'], /error: option '--nodes <number>' argument 'many' is invalid/],
      [['start', '--images', 'some'], /Allowed choices are auto, strict, stand-in/],
      [['dance'], /error: unknown command 'dance'/],
      [['status', '--loud'], /error: unknown option '--loud'/],
      [['service', 'nope'], /there is no Service nope in namespace default\n +\w/],
      [['service', 'kubernetes'], /service default\/kubernetes has type ClusterIP/],
    ] as const) {
      const { code, stdout, stderr } = await cluster.tryPortolan(...args);
      // What was typed wrong is 2, as with other commands; what went wrong is 1.
      assert.equal(code, stderr.startsWith('error: ') ? 2 : 1, `portolan ${args.join(' ')}`);
      assert.equal(stdout, '');
      assert.match(stderr, said);
    }
  });
});

describe('the daemon', () => {
  // One connection for all its words: a fifo feeds nc, which ends when the connection does.
  const conversation = [
    'while [ ! -e /tmp/server ]; do sleep 0.05; done',
    'mkfifo /tmp/words',
    '{ i=0; while true; do i=$((i + 1)); echo heard $i; sleep 0.1; done; } > /tmp/words &',
    'nc "$(cat /tmp/server)" 7000 < /tmp/words',
    'echo cut',
    'exec sleep 2147483647',
  ].join('\n');

  interface Running {
    readonly id: string;
    readonly startedAt: string;
  }
  async function running(name: string): Promise<Running> {
    const path =
      '{.status.containerStatuses[0].containerID} {.status.containerStatuses[0].state.running.startedAt}';
    const [id = '', startedAt = ''] = (await kubectl.read(path, 'pod', name)).split(' ');
    return { id, startedAt };
  }

  test('may die: no acknowledged write is lost, no container restarted, no connection cut', async () => {
    await kubectl.apply(
      manifest(
        pod('server', {
          nodeName: 'node1',
          containers: [{ script: 'exec nc -ll -p 7000 -e cat' }],
        }),
        pod('client', { nodeName: 'node2', containers: [{ script: conversation }] }),
      ),
    );
    await kubectl('wait', 'pod/server', 'pod/client', '--for=condition=Ready', '--timeout=60s');
    const server = await kubectl.read('{.status.podIP}', 'pod', 'server');
    await cluster.exec(
      'client',
      'sh',
      '-c',
      `echo ${server} > /tmp/.server; mv /tmp/.server /tmp/server`,
    );
    await untilMatch(/^heard 1$/m, () => kubectl('logs', 'client'));
    const [clientBefore, peer] = [await running('client'), await running('server')];

    const acknowledged: string[] = [];
    const writes = Array.from({ length: 50 }, async (_, number) => {
      const name = `write-${number}`;
      const { code } = await kubectl.run(['create', 'configmap', name, '--from-literal=a=b']);
      if (code === 0) acknowledged.push(name);
      if (acknowledged.length === 10 && code === 0) await killDaemon();
    });
    await Promise.all(writes);
    assert.ok(acknowledged.length >= 10);
    assert.match(await cluster.start(), /^cluster "portolan" is ready/);

    const kept = (await kubectl('get', 'configmaps', '-o', 'name')).split('\n');
    for (const name of acknowledged) assert.ok(kept.includes(`configmap/${name}`), name);
    assert.deepEqual(await running('client'), clientBefore);
    assert.deepEqual(await running('server'), peer);
    const heard = (await kubectl('logs', 'client', '--tail=1')).split(' ')[1] ?? '0';
    await untilMatch(new RegExp(`^heard ${Number(heard) + 3}$`, 'm'), () =>
      kubectl('logs', 'client'),
    );
    assert.doesNotMatch(await kubectl('logs', 'client'), /cut/);
    await kubectl('delete', 'pod', 'server', 'client');
  });

  test('stops and comes back with everything', async () => {
    await kubectl.apply(manifest(web, webService, pod('shell', { containers: [sleeper] })));
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
    await kubectl.wait('pod/shell', 'condition=Ready');
    await servedFrom(await cluster.portolan('ip'));
    const facts = async (): Promise<string> =>
      `${await kubectl.read('{.spec.clusterIP} {.spec.ports}', 'service', 'web')} ${await kubectl.read('{.items[*].metadata.name} {.items[*].status.podIP}', 'pods')}`;
    const factsBefore = await facts();
    assert.match(await cluster.portolan('stop'), /^cluster "portolan" is stopped; to resume it: /);
    assert.equal((await cluster.tryPortolan('status')).code, 3);
    assert.match(await cluster.portolan('stop'), /^cluster "portolan" was not running/);
    assert.match(await kubectl.fails('get', 'pods'), /refused/);
    assert.deepEqual(tracesOf(cluster.home, ['portolan']), []);
    await cluster.start();
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
    await kubectl.wait('pod', 'condition=Ready', '--all');
    assert.equal(await facts(), factsBefore);
    assert.match(await kubectl('get', 'pod', 'shell'), /^shell +1\/1 +Running +1 /m);
    await servedFrom(await cluster.portolan('ip'));
  });
});

describe('several clusters', () => {
  test('stand side by side, with the same node port each', async () => {
    const started = JSON.parse(
      await cluster.start('--name', 'second', '--nodes', '1', '-o', 'json'),
    ) as { context: string; hasStarted: boolean; nodes: string[] };
    assert.deepEqual([started.context, started.nodes], ['second', ['node1']]);
    assert.equal(await kubectl('config', 'current-context'), 'second');
    await kubectl.fed(manifest(web, webService), '--context=second', 'create', '-f', '-');
    await kubectl('--context=second', 'rollout', 'status', 'deploy/web', '--timeout=60s');
    const [first, second] = [
      await cluster.portolan('ip'),
      await cluster.portolan('ip', '--name', 'second'),
    ];
    assert.notEqual(first, second);
    const podsOf = (context: string): Promise<string> =>
      kubectl('--context', context, 'get', 'pods', '-l', 'app=web', '-o', 'name');
    assert.ok((await podsOf('portolan')).includes(await servedFrom(first)));
    assert.ok((await podsOf('second')).includes(await servedFrom(second)));
    assert.equal(
      await cluster.portolan('service', 'web', '--url', '--name', 'second'),
      `http://${second}:31234`,
    );
  });

  test('delete leaves no trace, also after the daemon was killed', async () => {
    await killDaemon('--name', 'second');
    assert.equal(
      await cluster.portolan('delete', '--name', 'second'),
      'cluster "second" is deleted',
    );
    const own = ['clusters', 'run'].map((folder) => join(cluster.home, folder, 'second'));
    assert.deepEqual(tracesOf(cluster.home, ['second'], own), []);
    assert.doesNotMatch(readFileSync(cluster.kubeconfig, 'utf8'), /second/);
    const folders = await cluster.ok('find', [cluster.home, '-name', '*second*']);
    assert.equal(folders, '');
    assert.equal(
      await cluster.portolan('delete', '--name', 'second'),
      'there was no cluster "second"',
    );
    assert.equal((await statusOf()).state, 'running');
  });
});

test('the second npm start has nothing to set up', async () => {
  const said = await cluster.run('npm', ['start', '--silent', '--prefix', root]);
  assert.match(said.stdout, /is running already/);
  assert.doesNotMatch(said.stderr, /installing/);
});
