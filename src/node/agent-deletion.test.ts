import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { podKind, type Container, type Pod } from '../kube/index.ts';
import { createTestNode, type TestNode } from './testing/test-node.ts';
import { until } from './testing/until.ts';
import { deaf, isReady, shell, statusOf } from './testing/pods.ts';

let node: TestNode;

before(async () => {
  node = await createTestNode();
  await node.startAgent();
});
after(() => node.remove());
afterEach(() => node.deleteOwn());

describe('the way out', () => {
  async function running(name: string, containers: Container[], grace = 30): Promise<Pod> {
    await node.createPod(node.own(name), { terminationGracePeriodSeconds: grace, containers });
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
      await until('its log', async () => (await node.readLog('reborn')) || undefined),
      'second\n',
    );
  });

  test('does not wait for a postStart hook', async () => {
    const postStart = { exec: { command: ['sleep', '1000'] } };
    const container = shell('exec sleep 1000', { lifecycle: { postStart } });
    await node.createPod(node.own('hooked'), {
      terminationGracePeriodSeconds: 1,
      containers: [container],
    });
    await node.untilPod('hooked', 'running', (pod) => statusOf(pod)?.state?.running !== undefined);
    await remove('hooked');
    await node.untilGone('hooked');
  });

  test('the stop signal is the container’s own', async () => {
    const container = shell('trap "exit 7" USR1; while :; do sleep 0.1; done', {
      lifecycle: { stopSignal: 'SIGUSR1' },
    });
    await node.createPod(node.own('signalled'), {
      restartPolicy: 'Never',
      activeDeadlineSeconds: 1,
      containers: [container],
    });
    const pod = await node.untilPod(
      'signalled',
      'failed',
      ({ status }) => status?.phase === 'Failed',
    );
    assert.equal(statusOf(pod)?.state?.terminated?.exitCode, 7);
  });
});
