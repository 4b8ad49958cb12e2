// How pods come up, fail, are restarted and end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestCluster, until, untilMatch } from './harness.ts';
import { container, manifest, pod, sleeper, template } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

/** Ends at once with that code, or waits for the file /tmp/end to say with which. */
const obedient = 'while [ ! -e /tmp/end ]; do sleep 0.05; done; exit "$(cat /tmp/end)"';

const web = pod('web', {
  containers: [
    {
      script: 'mkdir /www; echo fine > /www/health; exec httpd -f -p 8080 -h /www',
      ports: [{ name: 'http', containerPort: 8080 }],
      readinessProbe: {
        httpGet: { path: '/health', port: 'http' },
        periodSeconds: 1,
        failureThreshold: 1,
      },
      livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    },
  ],
});
const webService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
};
const alive = pod('alive', {
  containers: [
    {
      script: 'touch /tmp/alive; sleep 2147483647',
      livenessProbe: {
        exec: { command: ['test', '-e', '/tmp/alive'] },
        periodSeconds: 1,
        failureThreshold: 1,
      },
    },
  ],
});
const slow = pod('slow', {
  containers: [
    {
      ...sleeper,
      startupProbe: {
        exec: { command: ['test', '-e', '/tmp/warm'] },
        periodSeconds: 1,
        failureThreshold: 100,
      },
      // Would end the container at once if it did not wait for the startup probe.
      livenessProbe: { exec: { command: ['test', '-e', '/tmp/warm'] }, failureThreshold: 1 },
    },
  ],
});
/** Its stand-in answers gRPC's health protocol on the port of the probe. */
const grpc = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'grpc' },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'example.invalid/grpc',
        readinessProbe: { grpc: { port: 9000 }, periodSeconds: 1 },
      },
    ],
  },
};
const polite = pod('polite', {
  terminationGracePeriodSeconds: 20,
  containers: [
    {
      script: "trap 'echo got SIGTERM; exit 0' TERM; echo up; while true; do sleep 0.1; done",
      lifecycle: {
        preStop: { exec: { command: ['sh', '-c', 'echo preStop ran > /proc/1/fd/1'] } },
      },
    },
  ],
});
const stubborn = pod('stubborn', {
  terminationGracePeriodSeconds: 1,
  containers: [{ script: "trap '' TERM; while true; do sleep 0.1; done" }],
});
const gated = pod('gated', {
  readinessGates: [{ conditionType: 'example.com/ready' }],
  containers: [sleeper],
});

function policy(name: string, restartPolicy: string): object {
  return pod(name, { restartPolicy, containers: [{ script: obedient }] });
}

before(async () => {
  await cluster.start();
  const policies = [policy('always', 'Always'), policy('on-failure', 'OnFailure')];
  const pods = [web, alive, slow, grpc, polite, stubborn, gated, policy('never', 'Never')];
  await kubectl.apply(manifest(webService, ...pods, ...policies));
});
after(() => cluster.close());

const restarts = '{.status.containerStatuses[0].restartCount}';

async function status(name: string): Promise<string> {
  const [, row = ''] = (await kubectl('get', 'pod', name)).split('\n');
  return row.split(/\s+/).slice(1, 4).join(' ');
}

async function endWith(name: string, code: number): Promise<void> {
  await kubectl.wait(`pod/${name}`, 'jsonpath={.status.containerStatuses[0].state.running}');
  await cluster.exec(name, 'sh', '-c', `echo ${code} > /tmp/.end; mv /tmp/.end /tmp/end`);
}

describe('probes', () => {
  const ready = '{.items[*].endpoints[*].conditions.ready}';
  const slices = ['endpointslices', '-l', 'kubernetes.io/service-name=web'];

  test('readiness decides who is an endpoint', async () => {
    await kubectl.wait('pod/web', 'condition=Ready');
    await untilMatch(/^true$/, () => kubectl.read(ready, ...slices));
    await cluster.exec('web', 'mv', '/www/health', '/www/ill');
    await kubectl.wait('pod/web', 'condition=Ready=false');
    await untilMatch(/^false$/, () => kubectl.read(ready, ...slices));
    // Subsets with nothing but addresses that are not ready show as nothing at all.
    await untilMatch(/^web +\d+s$/m, () => kubectl('get', 'endpoints', 'web'));
    assert.equal(await status('web'), '0/1 Running 0');
    assert.match(
      await kubectl('describe', 'pod', 'web'),
      /Warning +Unhealthy .*Readiness probe failed: HTTP probe failed with statuscode: 404/,
    );
    await cluster.exec('web', 'mv', '/www/ill', '/www/health');
    await kubectl.wait('pod/web', 'condition=Ready');
    await untilMatch(/^true$/, () => kubectl.read(ready, ...slices));
  });

  test('liveness restarts', async () => {
    await kubectl.wait('pod/alive', 'condition=Ready');
    await cluster.exec('alive', 'rm', '/tmp/alive');
    await untilMatch(/^1$/, () => kubectl.read(restarts, 'pod', 'alive'));
    assert.match(
      await kubectl('describe', 'pod', 'alive'),
      /Killing .*Container main failed liveness probe, will be restarted/,
    );
  });

  test('startup holds the others back', async () => {
    await untilMatch(/^0\/1 Running 0$/, () => status('slow'));
    await cluster.exec('slow', 'touch', '/tmp/warm');
    await kubectl.wait('pod/slow', 'condition=Ready');
    assert.equal(await status('slow'), '1/1 Running 0');
  });

  test('grpc', async () => {
    await kubectl.wait('pod/grpc', 'condition=Ready');
  });

  test('a readiness gate waits for somebody’s word', async () => {
    await kubectl.wait('pod/gated', 'condition=ContainersReady');
    assert.equal(await status('gated'), '1/1 Running 0');
    assert.match(await kubectl('get', 'pod', 'gated', '-o', 'wide'), / 0\/1$/m);
    const condition = { type: 'example.com/ready', status: 'True' };
    const patch = JSON.stringify({ status: { conditions: [condition] } });
    await kubectl('patch', 'pod', 'gated', '--subresource=status', '-p', patch);
    await kubectl.wait('pod/gated', 'condition=Ready');
  });
});

describe('restart policies', () => {
  test('Always restarts, then waits longer each time', async () => {
    await endWith('always', 0);
    await untilMatch(/^1$/, () => kubectl.read(restarts, 'pod', 'always'));
    await endWith('always', 1);
    await untilMatch(/^0\/1 (Error|CrashLoopBackOff) 1$/, () => status('always'));
    await untilMatch(/^0\/1 CrashLoopBackOff 1$/, () => status('always'));
    const last = '{.status.containerStatuses[0].lastState.terminated.exitCode}';
    assert.equal(await kubectl.read(last, 'pod', 'always'), '1');
    assert.match(
      await kubectl('describe', 'pod', 'always'),
      /Warning +BackOff .*Back-off restarting failed container main in pod always_default/,
    );
  });

  test('OnFailure restarts failures only', async () => {
    await endWith('on-failure', 1);
    await untilMatch(/^1$/, () => kubectl.read(restarts, 'pod', 'on-failure'));
    await endWith('on-failure', 0);
    await untilMatch(/^0\/1 Completed 1$/, () => status('on-failure'));
    assert.equal(await kubectl.read('{.status.phase}', 'pod', 'on-failure'), 'Succeeded');
  });

  test('Never leaves a failure as it is', async () => {
    await endWith('never', 3);
    await untilMatch(/^0\/1 Error 0$/, () => status('never'));
    assert.equal(await kubectl.read('{.status.phase}', 'pod', 'never'), 'Failed');
  });
});

describe('ends', () => {
  test('a pod is told first, and has its grace', async () => {
    await kubectl.wait('pod/polite', 'condition=Ready');
    const log = kubectl.job('logs', '-f', 'polite');
    await log.printed(/^up$/m);
    await kubectl('delete', 'pod', 'polite');
    await log.printed(/^preStop ran\ngot SIGTERM$/m);
    assert.match(await kubectl.fails('get', 'pod', 'polite'), /pods "polite" not found/);
  });

  test('who does not go is killed after its grace', async () => {
    await kubectl.wait('pod/stubborn', 'condition=Ready');
    const seen = kubectl.job('get', 'pod', 'stubborn', '--watch');
    await seen.printed(/1\/1 +Running/);
    await kubectl('delete', 'pod', 'stubborn', '--wait=false');
    await seen.printed(/1\/1 +Terminating +0/);
    await kubectl.wait('pod/stubborn', 'delete');
    await seen.stop();
  });

  test('--force takes it away at once', async () => {
    await kubectl.apply(manifest(pod('forced', { containers: [sleeper] })));
    await kubectl.wait('pod/forced', 'condition=Ready');
    await kubectl('delete', 'pod', 'forced', '--force', '--grace-period=0');
    assert.match(await kubectl.fails('get', 'pod', 'forced'), /pods "forced" not found/);
  });

  test('what a ReplicaSet loses it makes again', async () => {
    const labels = { app: 'herd' };
    const spec = {
      replicas: 2,
      selector: { matchLabels: labels },
      template: template('herd', { containers: [sleeper] }),
    };
    const replicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'herd' } };
    await kubectl.apply(JSON.stringify({ ...replicaSet, spec }));
    const ready = (): Promise<string> => kubectl.read('{.status.readyReplicas}', 'rs', 'herd');
    await untilMatch(/^2$/, ready);
    const uids = '{.items[*].metadata.uid}';
    const old = new Set((await kubectl.read(uids, 'pods', '-l', 'app=herd')).split(' '));
    await kubectl('delete', 'pods', '-l', 'app=herd', '--wait=false');
    await until('two others', async () => {
      const now = (await kubectl.read(uids, 'pods', '-l', 'app=herd')).split(' ');
      return now.length === 2 && !now.some((uid) => old.has(uid)) ? true : undefined;
    });
    await untilMatch(/^2$/, ready);
  });
});

describe('images', () => {
  test('with --images strict what is not there is not run', async () => {
    await cluster.start('--name', 'strict', '--nodes', '1', '--images', 'strict');
    const context = ['--context', 'strict'];
    const missing = { name: 'main', image: 'example.invalid/none:v1' };
    const failing = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'missing' },
      spec: { containers: [missing, container({ name: 'fine', ...sleeper })] },
    };
    await kubectl.fed(JSON.stringify(failing), ...context, 'create', '-f', '-');
    const row = (): Promise<string> => kubectl(...context, 'get', 'pod', 'missing');
    await untilMatch(/^missing +1\/2 +ErrImagePull +0 /m, row);
    await untilMatch(/^missing +1\/2 +ImagePullBackOff +0 /m, row);
    assert.match(
      await kubectl(...context, 'describe', 'pod', 'missing'),
      /Warning +Failed .*example\.invalid\/none:v1/,
    );
    await cluster.portolan('delete', '--name', 'strict');
  });
});
