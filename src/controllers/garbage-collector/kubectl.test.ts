import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { startTestServer, type TestServer } from '../../apiserver/testing/api-server.ts';
import { kubectls, KubectlRunner } from '../../apiserver/testing/kubectl.ts';
import {
  configMapKind,
  podKind,
  replicaSetKind,
  type KubeObject,
  type Resource,
} from '../../kube/index.ts';
import { startDeploymentController } from '../deployment/deployment.ts';
import { startReplicaSetController } from '../replicaset.ts';
import { createResourceCatalog } from '../resource-catalog.ts';
import { fakeKubelet } from '../testing/fake-kubelet.ts';
import {
  createDefaultAccount,
  runOnServer,
  type ControllersOnServer,
} from '../testing/on-server.ts';
import { startGarbageCollector } from './garbage-collector.ts';

const widgetDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
`;

const widget = `
apiVersion: example.com/v1
kind: Widget
metadata: {name: owner}
`;

let server: TestServer;
let controllers: ControllersOnServer;

before(async () => {
  server = await startTestServer();
  await createDefaultAccount(server);
});
after(() => server.close());

beforeEach(() => {
  controllers = runOnServer(server, (context) => [
    startReplicaSetController(context),
    startDeploymentController(context),
    startGarbageCollector(context, { kinds: createResourceCatalog(context.informers) }),
    fakeKubelet()(context),
  ]);
});
afterEach(() => controllers.close());

/** Resolves when there are so many objects of the kind. */
async function counted<T extends KubeObject>(kind: Resource<T>, count: number): Promise<void> {
  const cache = controllers.informers.of(kind);
  await cache.synced;
  await new Promise<void>((resolve) => {
    const look = () => {
      if (cache.list().length === count) resolve();
    };
    cache.onChange(look);
    look();
  });
}

for (const kubectl of kubectls) {
  describe(`kubectl delete with ${kubectl.name}`, { skip: kubectl.skip }, () => {
    let runner: KubectlRunner;
    before(async () => {
      runner = new KubectlRunner(kubectl, server);
      await runner.open();
    });

    async function ok(line: string): Promise<string> {
      const { code, text } = await runner.run(line.split(' '));
      assert.equal(code, 0, text);
      return text;
    }

    async function createDeployment(): Promise<void> {
      const pods = counted(podKind, 3);
      await ok('create deployment web --image=nginx --replicas=3');
      await pods;
    }

    for (const cascade of ['background', 'foreground']) {
      test(`--cascade=${cascade} takes ReplicaSets and pods along`, async () => {
        await createDeployment();
        await ok(`delete deployment web --cascade=${cascade}`);
        await Promise.all([counted(replicaSetKind, 0), counted(podKind, 0)]);
      });
    }

    test('--cascade=foreground says goodbye to the Deployment last', async () => {
      await createDeployment();
      await ok('delete deployment web --cascade=foreground');
      const left = await ok('get deployments,replicasets,pods');
      assert.equal(left, 'No resources found in default namespace.\n');
    });

    test('custom resources own from the moment that they are defined', async () => {
      await ok(`apply -f ${await runner.manifest('crd.yaml', widgetDefinition)}`);
      await ok('wait --for=condition=Established crd/widgets.example.com');
      await ok(`apply -f ${await runner.manifest('widget.yaml', widget)}`);
      const uid = await ok('get widget owner -o jsonpath={.metadata.uid}');
      await ok('create configmap part');
      const owner = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'owner', uid };
      const body = JSON.stringify({ metadata: { ownerReferences: [owner] } });
      await ok(`patch configmap part --type=merge -p ${body}`);
      await ok('delete crd widgets.example.com');
      await counted(configMapKind, 0);
    });

    test('--cascade=orphan leaves both, and the next deletion takes the rest', async () => {
      await createDeployment();
      await ok('delete deployment web --cascade=orphan');
      const owners = await ok('get rs -o jsonpath={.items[*].metadata.ownerReferences}');
      assert.equal(owners, '');
      assert.equal((await ok('get pods -o name')).trim().split('\n').length, 3);
      await ok('delete rs --all');
      await counted(podKind, 0);
    });
  });
}
