import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { podKind } from '../kube/index.ts';
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

describe('a new daemon', () => {
  async function restart(whileDown?: () => Promise<void>): Promise<void> {
    await node.stopAgent();
    await whileDown?.();
    await node.startAgent();
  }

  test('adopts what runs: nothing restarts, and the pod stays ready', async () => {
    const name = node.own('adopted');
    const readinessProbe = { exec: { command: ['true'] }, periodSeconds: 1 };
    await node.createPod(name, { containers: [shell('exec sleep 1000', { readinessProbe })] });
    const earlier = await node.untilPod(name, 'ready', isReady);
    await restart();
    const now = await node.untilPod(name, 'ready', isReady);
    assert.deepEqual(statusOf(now), statusOf(earlier));
    assert.equal(now.status?.podIP, earlier.status?.podIP);
    const target = { namespace: 'default', pod: name, container: '' };
    assert.equal(await node.api.exec(target, ['true'], { tty: false }), 0);
  });

  test('removes what was deleted meanwhile, and everything of it', async () => {
    const volumes = [{ name: 'memory', emptyDir: { medium: 'Memory' as const } }];
    const volumeMounts = [{ name: 'memory', mountPath: '/memory' }];
    await node.createPod(node.own('orphan'), {
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
    const name = node.own('half-deleted');
    await node.createPod(name, { terminationGracePeriodSeconds: 2, containers: [deaf] });
    await node.untilPod(name, 'ready', isReady);
    await node.server.client.delete(podKind, { name, namespace: 'default' }, {});
    await until('the deletion has begun', async () =>
      (await node.events(name)).find((text) => text.startsWith('Killing')),
    );
    await restart();
    await node.untilGone(name);
  });

  test('makes a sandbox again whose namespaces are gone', async () => {
    const name = node.own('displaced');
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
      (pod) => statusOf(pod)?.restartCount === 1 && isReady(pod),
    );
    assert.equal(now.status?.podIP, earlier.status?.podIP);
    assert.ok((await node.events(name)).some((text) => text.startsWith('SandboxChanged')));
  });
});
