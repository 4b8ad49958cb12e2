import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, afterEach, before, describe, test } from 'node:test';
import { configMapKind, podKind, serviceKind, type Container, type Pod } from '../kube/index.ts';
import type { LogOptions } from './node-api.ts';
import { createTestNode, until, type AgentLife, type TestNode } from './testing/test-node.ts';

let node: TestNode;
let life: AgentLife;

before(async () => {
  node = await createTestNode();
  life = await node.startAgent();
});
after(async () => {
  const { log } = node;
  await node.remove();
  assert.deepEqual(log, []);
});

const names: string[] = [];
afterEach(async () => {
  for (const name of names.splice(0)) {
    if ((await node.getPod(name)) === undefined) continue;
    const options = { gracePeriodSeconds: 0 };
    await node.server.client.delete(podKind, { name, namespace: 'default' }, options);
  }
});

/** A pod name of this test's own, deleted at its end. */
function own(name: string): string {
  names.push(name);
  return name;
}

function shell(script: string, changes: Partial<Container> = {}): Container {
  return { name: 'main', image: 'busybox', command: ['sh', '-c', script], ...changes };
}

function status(pod: Pod, name = 'main') {
  return pod.status?.containerStatuses?.find((entry) => entry.name === name);
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

const plain: LogOptions = { follow: false, previous: false, timestamps: false };

async function log(pod: string, options: Partial<LogOptions> = {}): Promise<string> {
  const out = new PassThrough();
  const parts: Buffer[] = [];
  out.on('data', (chunk: Buffer) => parts.push(chunk));
  const target = { namespace: 'default', pod, container: '' };
  const { signal } = new AbortController();
  await life.agent.api.logs(target, { ...plain, ...options }, out, signal);
  return Buffer.concat(parts).toString();
}

describe('the way in', () => {
  test('a pod runs, is ready, and its status says where', async () => {
    const name = own('plain');
    await node.createPod(name, { containers: [shell('exec sleep 1000')] });
    const pod = await node.untilPod(name, 'ready', isReady);
    assert.equal(pod.status?.phase, 'Running');
    assert.equal(pod.status?.qosClass, 'BestEffort');
    assert.match(pod.status?.podIP ?? '', /^10\.244\.0\.\d+$/);
    assert.equal(pod.status?.hostIP, '172.18.0.2');
    assert.deepEqual([status(pod)?.ready, status(pod)?.started], [true, true]);
    assert.deepEqual(await node.events(name), [
      'Pulled Container image "busybox" already present on machine',
      'Created Created container: main',
      'Started Started container main',
    ]);
  });

  test('a stand-in answers, and follows Services that come later', async () => {
    const name = own('web');
    const containers = [{ name: 'main', image: 'example.test/web' }];
    await node.createPod(name, { containers }, { labels: { app: 'web' } });
    await node.untilPod(name, 'ready', isReady);
    await node.server.client.create(serviceKind, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    const socket = await until('the port answers', () =>
      life.agent.api.portForward({ namespace: 'default', pod: name }, 8080).catch(() => undefined),
    );
    socket.destroy();
  });

  test('init containers go first, a sidecar stays', async () => {
    const name = own('ordered');
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    await node.createPod(name, {
      volumes: [{ name: 'shared', emptyDir: {} }],
      initContainers: [
        shell('echo made > /shared/file', { name: 'first', volumeMounts }),
        shell('exec sleep 1000', { name: 'beside', restartPolicy: 'Always' }),
      ],
      containers: [shell('cat /shared/file; exec sleep 1000', { volumeMounts })],
    });
    const pod = await node.untilPod(name, 'ready', isReady);
    const inits = pod.status?.initContainerStatuses ?? [];
    assert.deepEqual(
      inits.map((entry) => [entry.name, entry.state?.terminated?.reason, entry.ready]),
      [
        ['first', 'Completed', true],
        ['beside', undefined, true],
      ],
    );
    assert.equal(await until('its output', async () => (await log(name)) || undefined), 'made\n');
  });

  test('an image that cannot be had is told, and the deletion does not wait', async () => {
    const name = own('imageless');
    const containers = [{ name: 'main', image: 'BAD IMAGE' }];
    await node.createPod(name, { containers });
    await node.untilPod(
      name,
      'told',
      (pod) => status(pod)?.state?.waiting?.reason === 'InvalidImageName',
    );
  });
});

describe('restarts', () => {
  test('the first comes at once, then a pause grows; the previous log stays', async () => {
    const name = own('crashing');
    await node.createPod(name, { containers: [shell('echo attempt; exit 3')] });
    const pod = await node.untilPod(
      name,
      'in its pause',
      (entry) => status(entry)?.state?.waiting?.reason === 'CrashLoopBackOff',
    );
    assert.equal(status(pod)?.restartCount, 1);
    assert.equal(status(pod)?.lastState?.terminated?.exitCode, 3);
    assert.equal(pod.status?.phase, 'Running');
    assert.equal(await log(name, { previous: true }), 'attempt\n');
    const events = await node.events(name);
    assert.ok(
      events.some((text) => text.startsWith('BackOff Back-off restarting failed container')),
    );
  });

  test('a command that cannot be executed ends a pod that is not restarted', async () => {
    const name = own('wrong-command');
    const container = { name: 'main', image: 'busybox', command: ['/no/such/file'] };
    await node.createPod(name, { restartPolicy: 'Never', containers: [container] });
    const pod = await node.untilPod(name, 'failed', ({ status }) => status?.phase === 'Failed');
    const { terminated } = status(pod)?.state ?? {};
    assert.deepEqual([terminated?.exitCode, terminated?.reason], [128, 'StartError']);
    assert.equal(await log(name), '');
  });

  test('liveness ends a container with the grace of the probe, and it starts again', async () => {
    const name = own('sick');
    const livenessProbe = {
      exec: { command: ['cat', '/alive'] },
      periodSeconds: 1,
      failureThreshold: 1,
      terminationGracePeriodSeconds: 1,
    };
    const container = shell('trap "" TERM; while :; do sleep 1; done', { livenessProbe });
    await node.createPod(name, { terminationGracePeriodSeconds: 600, containers: [container] });
    const pod = await node.untilPod(name, 'again', (entry) => status(entry)?.restartCount === 1);
    assert.equal(status(pod)?.lastState?.terminated?.exitCode, 137);
    const events = await node.events(name);
    assert.ok(events.includes('Killing Container main failed liveness probe, will be restarted'));
  });
});

describe('pods that end by themselves', () => {
  test('succeed, keep their log, and give their network back', async () => {
    const name = own('done');
    await node.createPod(name, { restartPolicy: 'Never', containers: [shell('echo result')] });
    const pod = await node.untilPod(name, 'done', ({ status }) => status?.phase === 'Succeeded');
    assert.equal(status(pod)?.state?.terminated?.reason, 'Completed');
    assert.equal(await log(name), 'result\n');
    const pin = join(node.directory, 'ns', `${pod.metadata.uid ?? ''}-net`);
    await until('its namespace is gone', () => (existsSync(pin) ? undefined : true));
  });

  test('say their last words from the log, or from the file', async () => {
    const name = own('words');
    await node.createPod(name, {
      restartPolicy: 'Never',
      containers: [
        shell('echo from the log; exit 1', {
          name: 'log',
          terminationMessagePolicy: 'FallbackToLogsOnError',
        }),
        shell('echo -n from the file > /dev/termination-log; exit 1', { name: 'file' }),
      ],
    });
    const pod = await node.untilPod(name, 'failed', ({ status }) => status?.phase === 'Failed');
    const words = pod.status?.containerStatuses?.map(({ state }) => state?.terminated?.message);
    assert.deepEqual(words, ['from the log\n', 'from the file']);
  });

  test('are ended when their deadline is over', async () => {
    const name = own('late');
    await node.createPod(name, {
      activeDeadlineSeconds: 1,
      terminationGracePeriodSeconds: 1,
      containers: [shell('exec sleep 1000')],
    });
    const pod = await node.untilPod(name, 'failed', ({ status }) => status?.phase === 'Failed');
    assert.equal(pod.status?.reason, 'DeadlineExceeded');
  });
});

describe('the way out', () => {
  const deaf = shell('trap "" TERM; while :; do sleep 1; done');

  async function running(name: string, containers: Container[], grace = 30): Promise<Pod> {
    await node.createPod(own(name), { terminationGracePeriodSeconds: grace, containers });
    return node.untilPod(name, 'ready', isReady);
  }

  async function remove(name: string, gracePeriodSeconds?: number): Promise<void> {
    const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    await node.server.client.delete(podKind, { name, namespace: 'default' }, options);
  }

  test('leaves the time of its grace, then nothing', async () => {
    const pod = await running('graceful', [deaf], 1);
    await remove('graceful');
    await node.untilGone('graceful');
    const uid = pod.metadata.uid ?? '';
    for (const folder of ['ns', 'pods', 'logs']) {
      const left = readdirSync(join(node.directory, folder)).filter((name) => name.includes(uid));
      assert.deepEqual(left, [], folder);
    }
    assert.ok((await node.events('graceful')).includes('Killing Stopping container main'));
  });

  test('a shorter grace overtakes a longer one, hooks and all', async () => {
    const preStop = { exec: { command: ['sleep', '1000'] } };
    await running('hurried', [{ ...deaf, lifecycle: { preStop } }], 600);
    await remove('hurried');
    await remove('hurried', 1);
    await node.untilGone('hurried');
  });

  test('a pod is replaced under its name while the old one ends', async () => {
    const first = await running('reborn', [deaf], 600);
    await remove('reborn');
    await remove('reborn', 0);
    await node.createPod('reborn', { containers: [shell('echo second; exec sleep 1000')] });
    const second = await node.untilPod(
      'reborn',
      'ready again',
      (pod) => pod.metadata.uid !== first.metadata.uid && isReady(pod),
    );
    assert.notEqual(second.metadata.uid, first.metadata.uid);
    assert.equal(
      await until('its log', async () => (await log('reborn')) || undefined),
      'second\n',
    );
  });

  test('does not wait for a postStart hook', async () => {
    const postStart = { exec: { command: ['sleep', '1000'] } };
    const container = shell('exec sleep 1000', { lifecycle: { postStart } });
    await node.createPod(own('hooked'), {
      terminationGracePeriodSeconds: 1,
      containers: [container],
    });
    await node.untilPod('hooked', 'running', (pod) => status(pod)?.state?.running !== undefined);
    await remove('hooked');
    await node.untilGone('hooked');
  });

  test('the stop signal is the container’s own', async () => {
    const container = shell('trap "exit 7" USR1; while :; do sleep 0.1; done', {
      lifecycle: { stopSignal: 'SIGUSR1' } as Container['lifecycle'] & object,
    });
    await node.createPod(own('signalled'), {
      restartPolicy: 'Never',
      activeDeadlineSeconds: 1,
      containers: [container],
    });
    const pod = await node.untilPod(
      'signalled',
      'failed',
      ({ status }) => status?.phase === 'Failed',
    );
    assert.equal(status(pod)?.state?.terminated?.exitCode, 7);
  });
});

describe('configuration', () => {
  const map = (data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap' as const,
    metadata: { name: 'settings', namespace: 'default' },
    data,
  });

  test('a missing ConfigMap holds a pod up, its coming sets it free, its change is seen', async () => {
    const name = own('configured');
    await node.createPod(name, {
      volumes: [{ name: 'settings', configMap: { name: 'settings' } }],
      containers: [
        shell('exec sleep 1000', {
          volumeMounts: [{ name: 'settings', mountPath: '/settings' }],
          env: [{ name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'c' } } }],
        }),
      ],
    });
    await until('the event', async () =>
      (await node.events(name)).find((text) => text.startsWith('FailedMount')),
    );
    await node.server.client.create(configMapKind, map({ c: 'red' }));
    const pod = await node.untilPod(name, 'ready', isReady);
    const uid = pod.metadata.uid ?? '';
    const file = join(node.directory, 'pods', uid, 'volumes', 'settings', 'c');
    assert.equal(readFileSync(file, 'utf8'), 'red');
    await node.server.client.update(configMapKind, map({ c: 'blue' }));
    await until('the new value', () => (readFileSync(file, 'utf8') === 'blue' ? true : undefined));
  });

  test('what has no effect is told', async () => {
    const name = own('limited');
    const ports = [{ containerPort: 80, hostPort: 8080 }];
    await node.createPod(name, {
      shareProcessNamespace: true,
      containers: [shell('exec sleep 1000', { ports })],
    });
    await node.untilPod(name, 'ready', isReady);
    const reasons = (await node.events(name)).map((text) => text.split(' ')[0]);
    assert.ok(reasons.includes('HostPortNotSupported') && reasons.includes('NamespaceNotShared'));
  });
});

describe('logs', () => {
  test('are followed until the container ends', async () => {
    const name = own('speaking');
    const script = 'echo one; while [ ! -e /go ]; do sleep 0.05; done; echo two';
    await node.createPod(name, { restartPolicy: 'Never', containers: [shell(script)] });
    await node.untilPod(name, 'running', (pod) => status(pod)?.state?.running !== undefined);
    const followed = log(name, { follow: true });
    const target = { namespace: 'default', pod: name, container: 'main' };
    await life.agent.api.exec(target, ['touch', '/go'], { tty: false });
    assert.equal(await followed, 'one\ntwo\n');
  });

  test('of what has not started say why', async () => {
    const name = own('waiting');
    await node.createPod(name, { containers: [{ name: 'main', image: 'BAD IMAGE' }] });
    await node.untilPod(name, 'told', (pod) => status(pod)?.state?.waiting !== undefined);
    await assert.rejects(log(name), {
      message: /container "main" in pod "waiting" is waiting to start: InvalidImageName/,
    });
  });
});

describe('a new daemon', () => {
  async function restart(whileDown: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await life.close();
    await whileDown();
    life = await node.startAgent();
  }

  test('adopts what runs: nothing restarts, and the pod stays ready', async () => {
    const name = own('adopted');
    const readinessProbe = { exec: { command: ['true'] }, periodSeconds: 1 };
    await node.createPod(name, { containers: [shell('exec sleep 1000', { readinessProbe })] });
    const earlier = await node.untilPod(name, 'ready', isReady);
    await restart();
    const now = await node.untilPod(name, 'ready', isReady);
    assert.deepEqual(status(now), status(earlier));
    assert.equal(now.status?.podIP, earlier.status?.podIP);
    const target = { namespace: 'default', pod: name, container: '' };
    assert.equal(await life.agent.api.exec(target, ['true'], { tty: false }), 0);
  });

  test('removes what was deleted meanwhile, and everything of it', async () => {
    const volumes = [{ name: 'memory', emptyDir: { medium: 'Memory' as const } }];
    const volumeMounts = [{ name: 'memory', mountPath: '/memory' }];
    await node.createPod(own('orphan'), {
      volumes,
      containers: [shell('exec sleep 1000', { volumeMounts })],
    });
    const pod = await node.untilPod('orphan', 'ready', isReady);
    const { client } = node.server;
    await restart(() =>
      client.delete(podKind, { name: 'orphan', namespace: 'default' }, { gracePeriodSeconds: 0 }),
    );
    const uid = pod.metadata.uid ?? '';
    for (const folder of ['ns', 'pods', 'logs']) {
      const left = readdirSync(join(node.directory, folder)).filter((entry) => entry.includes(uid));
      assert.deepEqual(left, [], folder);
    }
  });

  test('goes on with a deletion that the last one began', async () => {
    const name = own('half-deleted');
    const container = shell('trap "" TERM; while :; do sleep 1; done');
    await node.createPod(name, { terminationGracePeriodSeconds: 2, containers: [container] });
    await node.untilPod(name, 'ready', isReady);
    await node.server.client.delete(podKind, { name, namespace: 'default' }, {});
    await until('the deletion has begun', async () =>
      (await node.events(name)).find((text) => text.startsWith('Killing')),
    );
    await restart();
    await node.untilGone(name);
  });

  test('makes a sandbox again whose namespaces are gone', async () => {
    const name = own('displaced');
    await node.createPod(name, {
      terminationGracePeriodSeconds: 1,
      containers: [shell('exec sleep 1000')],
    });
    const earlier = await node.untilPod(name, 'ready', isReady);
    await restart(async () => {
      for (const kind of ['net', 'uts', 'ipc']) {
        const pin = join(node.directory, 'ns', `${earlier.metadata.uid ?? ''}-${kind}`);
        node.kernel.deleteNamespace(pin);
      }
    });
    const now = await node.untilPod(
      name,
      'ready again',
      (pod) => status(pod)?.restartCount === 1 && isReady(pod),
    );
    assert.equal(now.status?.podIP, earlier.status?.podIP);
    assert.ok((await node.events(name)).some((text) => text.startsWith('SandboxChanged')));
  });
});
