import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { configMapKind, serviceKind } from '../kube/index.ts';
import { createTestNode, type TestNode } from './testing/test-node.ts';
import { until } from './testing/until.ts';
import { isReady, shell, statusOf } from './testing/pods.ts';

let node: TestNode;

before(async () => {
  node = await createTestNode();
  await node.startAgent();
});
after(() => node.remove());
afterEach(() => node.deleteOwn());

describe('the way in', () => {
  test('a pod runs, is ready, and its status says where', async () => {
    const name = node.own('plain');
    await node.createPod(name, { containers: [shell('exec sleep 1000')] });
    const pod = await node.untilPod(name, 'ready', isReady);
    assert.equal(pod.status?.phase, 'Running');
    assert.equal(pod.status?.qosClass, 'BestEffort');
    assert.match(pod.status?.podIP ?? '', /^10\.244\.0\.\d+$/);
    assert.equal(pod.status?.hostIP, '172.18.0.2');
    assert.deepEqual([statusOf(pod)?.ready, statusOf(pod)?.started], [true, true]);
    assert.deepEqual(await node.events(name), [
      'Pulled Container image "busybox" already present on machine',
      'Created Created container: main',
      'Started Started container main',
    ]);
  });

  test('a stand-in answers, and follows Services that come later', async () => {
    const name = node.own('web');
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
      node.api.portForward({ namespace: 'default', pod: name }, 8080).catch(() => undefined),
    );
    socket.destroy();
  });

  test('init containers go first, a sidecar stays', async () => {
    const name = node.own('ordered');
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
    assert.equal(
      await until('its output', async () => (await node.readLog(name)) || undefined),
      'made\n',
    );
  });

  test('an image that cannot be had is told, and the deletion does not wait', async () => {
    const name = node.own('imageless');
    const containers = [{ name: 'main', image: 'BAD IMAGE' }];
    await node.createPod(name, { containers });
    await node.untilPod(
      name,
      'told',
      (pod) => statusOf(pod)?.state?.waiting?.reason === 'InvalidImageName',
    );
  });
});

describe('restarts', () => {
  test('the first comes at once, then a pause grows; the previous log stays', async () => {
    const name = node.own('crashing');
    await node.createPod(name, { containers: [shell('echo attempt; exit 3')] });
    const pod = await node.untilPod(
      name,
      'in its pause',
      (entry) => statusOf(entry)?.state?.waiting?.reason === 'CrashLoopBackOff',
    );
    assert.equal(statusOf(pod)?.restartCount, 1);
    assert.equal(statusOf(pod)?.lastState?.terminated?.exitCode, 3);
    assert.equal(pod.status?.phase, 'Running');
    assert.equal(await node.readLog(name, { previous: true }), 'attempt\n');
    const events = await node.events(name);
    assert.ok(
      events.some((text) => text.startsWith('BackOff Back-off restarting failed container')),
    );
  });

  test('a command that cannot be executed ends a pod that is not restarted', async () => {
    const name = node.own('wrong-command');
    const container = { name: 'main', image: 'busybox', command: ['/no/such/file'] };
    await node.createPod(name, { restartPolicy: 'Never', containers: [container] });
    const pod = await node.untilPod(name, 'failed', ({ status }) => status?.phase === 'Failed');
    const { terminated } = statusOf(pod)?.state ?? {};
    assert.deepEqual([terminated?.exitCode, terminated?.reason], [128, 'StartError']);
    assert.equal(await node.readLog(name), '');
  });

  test('liveness ends a container with the grace of the probe, and it starts again', async () => {
    const name = node.own('sick');
    const livenessProbe = {
      exec: { command: ['cat', '/alive'] },
      periodSeconds: 1,
      failureThreshold: 1,
      terminationGracePeriodSeconds: 1,
    };
    const container = shell('trap "" TERM; while :; do sleep 1; done', { livenessProbe });
    await node.createPod(name, { terminationGracePeriodSeconds: 600, containers: [container] });
    const pod = await node.untilPod(name, 'again', (entry) => statusOf(entry)?.restartCount === 1);
    assert.equal(statusOf(pod)?.lastState?.terminated?.exitCode, 137);
    const events = await node.events(name);
    assert.ok(events.includes('Killing Container main failed liveness probe, will be restarted'));
  });
});

describe('pods that end by themselves', () => {
  test('succeed, keep their log, and give their network back', async () => {
    const name = node.own('done');
    await node.createPod(name, { restartPolicy: 'Never', containers: [shell('echo result')] });
    const pod = await node.untilPod(name, 'done', ({ status }) => status?.phase === 'Succeeded');
    assert.equal(statusOf(pod)?.state?.terminated?.reason, 'Completed');
    assert.equal(await node.readLog(name), 'result\n');
    const pin = join(node.directory, 'ns', `${pod.metadata.uid ?? ''}-net`);
    await until('its namespace is gone', () => (existsSync(pin) ? undefined : true));
  });

  test('say their last words from the log, or from the file', async () => {
    const name = node.own('words');
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
    const name = node.own('late');
    await node.createPod(name, {
      activeDeadlineSeconds: 1,
      terminationGracePeriodSeconds: 1,
      containers: [shell('exec sleep 1000')],
    });
    const pod = await node.untilPod(name, 'failed', ({ status }) => status?.phase === 'Failed');
    assert.equal(pod.status?.reason, 'DeadlineExceeded');
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
    const name = node.own('configured');
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
    const name = node.own('limited');
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
    const name = node.own('speaking');
    const script = 'echo one; while [ ! -e /go ]; do sleep 0.05; done; echo two';
    await node.createPod(name, { restartPolicy: 'Never', containers: [shell(script)] });
    await node.untilPod(name, 'running', (pod) => statusOf(pod)?.state?.running !== undefined);
    const followed = node.readLog(name, { follow: true });
    const target = { namespace: 'default', pod: name, container: 'main' };
    await node.api.exec(target, ['touch', '/go'], { tty: false });
    assert.equal(await followed, 'one\ntwo\n');
  });

  test('of what has not started say why', async () => {
    const name = node.own('waiting');
    await node.createPod(name, { containers: [{ name: 'main', image: 'BAD IMAGE' }] });
    await node.untilPod(name, 'told', (pod) => statusOf(pod)?.state?.waiting !== undefined);
    await assert.rejects(node.readLog(name), {
      message: /container "main" in pod "waiting" is waiting to start: InvalidImageName/,
    });
  });
});
