import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { startTestServer, type TestServer } from '../../apiserver/testing/api-server.ts';
import { kubectls, KubectlRunner } from '../../apiserver/testing/kubectl.ts';
import { nodeKind, podKind, type Node } from '../../kube/index.ts';
import { nodeObject, podObject, readyCondition } from '../testing/objects.ts';
import {
  createDefaultAccount,
  runOnServer,
  type ControllersOnServer,
} from '../testing/on-server.ts';
import { startNodeLifecycle } from './node-lifecycle.ts';

const namespace = 'default';

let server: TestServer;
let controllers: ControllersOnServer;

beforeEach(async () => {
  server = await startTestServer();
  await createDefaultAccount(server);
  controllers = runOnServer(server, (context) => [startNodeLifecycle(context)]);
  await server.client.create(nodeKind, nodeObject('node1'));
  await reportReady(true);
});
afterEach(async () => {
  await controllers.close();
  await server.close();
});

async function reportReady(isReady: boolean): Promise<void> {
  const body = { status: { conditions: [readyCondition(isReady)] } };
  const ref = { name: 'node1', subresource: 'status' as const };
  await server.client.patch(nodeKind, ref, { type: 'merge', body });
}

function taintsOf({ spec: { taints = [] } }: Node): string {
  return taints.map(({ key, effect }) => `${key}:${effect}`).join(' ');
}

/** Resolves when the node has exactly these taints. */
function tainted(expected: string): Promise<void> {
  return new Promise((resolve) => {
    controllers.informers.of(nodeKind).onChange(({ next }) => {
      if (next !== undefined && taintsOf(next) === expected) resolve();
    });
  });
}

function noPods(): Promise<void> {
  const pods = controllers.informers.of(podKind);
  return new Promise((resolve) => {
    const look = () => {
      if (pods.list().length === 0) resolve();
    };
    pods.onChange(look);
    look();
  });
}

for (const kubectl of kubectls) {
  describe(`nodes with ${kubectl.name}`, { skip: kubectl.skip }, () => {
    async function ok(line: string): Promise<string> {
      const runner = new KubectlRunner(kubectl, server);
      await runner.open();
      const { code, text } = await runner.run(line.split(' '));
      assert.equal(code, 0, text);
      return text;
    }

    test('cordon and uncordon', async () => {
      await ok('cordon node1');
      await tainted('node.kubernetes.io/unschedulable:NoSchedule');
      await ok('uncordon node1');
      await tainted('');
    });

    test('a node that is not ready is tainted, and no more when it is', async () => {
      await reportReady(false);
      await tainted(
        'node.kubernetes.io/not-ready:NoSchedule node.kubernetes.io/not-ready:NoExecute',
      );
      assert.match(await ok('get nodes'), /node1 +NotReady /);
      await reportReady(true);
      await tainted('');
    });

    test('a taint of the user evicts; the deletion of the node removes what is left', async () => {
      const { status: _status, ...pod } = podObject('web', { spec: { nodeName: 'node1' } });
      const created = { ...pod, metadata: { ...pod.metadata, namespace } };
      const evicted = new Promise<void>((resolve) => {
        controllers.informers.of(podKind).onChange(({ next }) => {
          if (next?.metadata.deletionTimestamp !== undefined) resolve();
        });
      });
      await server.client.create(podKind, created);
      await ok('taint nodes node1 gpu=broken:NoExecute');
      await evicted;
      await ok('delete node node1');
      await noPods();
    });
  });
}
