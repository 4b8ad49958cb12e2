// The network as users choose it: others' names, without policies, none at all.
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bridge, fetch, noPlugins, plugins, reaches, writeList } from './cni-course.ts';
import { TestCluster, until, untilMatch } from './harness.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
after(() => cluster.close());

const NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';

const denyAll = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-all' },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
};

/** A web server and who asks it, on one node. */
async function createPair(): Promise<string> {
  const here = { nodeName: 'node1' };
  await kubectl.apply(
    manifest(
      pod('web', { containers: [webServer], ...here }),
      pod('client', { containers: [sleeper], ...here }),
    ),
  );
  await kubectl.wait('pod/web', 'condition=Ready');
  await kubectl.wait('pod/client', 'condition=Ready');
  return kubectl.read('{.status.podIP}', 'pod', 'web');
}

async function problems(name: string): Promise<string[]> {
  const status = JSON.parse(await cluster.portolan('status', '--name', name, '-o', 'json')) as {
    problems: string[];
  };
  return status.problems;
}

describe('words', () => {
  test('an unknown name is refused with the choices', async () => {
    const { code, stderr } = await cluster.tryPortolan('start', '--cni', 'weave');
    assert.equal(code, 2);
    assert.match(
      stderr,
      /argument 'weave' is invalid\. Choose one of portolan, bridge, none, calico, cilium, kindnet, flannel, kubenet, or name a \.conflist file\./,
    );
  });

  test('a file that is not there, broken, or of plugins that are not, is refused before anything starts', async () => {
    const path = join(cluster.home, 'net.conflist');
    const refused = async (text: string, words: RegExp): Promise<void> => {
      writeFileSync(path, text);
      const { code, stderr } = await cluster.tryPortolan('start', '--cni', path);
      assert.equal(code, 1);
      assert.match(stderr, words);
    };
    const { stderr } = await cluster.tryPortolan('start', '--cni', 'absent.conflist');
    assert.match(stderr, /there is no network configuration .*absent\.conflist\n/);
    await refused('{', /net\.conflist: not JSON: /);
    const absent = { cniVersion: '1.0.0', name: 'n', plugins: [{ type: 'absent' }] };
    await refused(JSON.stringify(absent), /there is no CNI plugin absent in .*\/usr\/lib\/cni/);
    assert.ok(!existsSync(join(cluster.home, 'run', 'portolan')));
  });
});

describe('--cni calico', () => {
  before(() => cluster.start('--name', 'calico', '--nodes', '1', '--cni', 'calico'));
  after(() => cluster.portolan('delete', '--name', 'calico'));

  test('stands for the network that enforces policies', async () => {
    const address = await createPair();
    await reaches(kubectl, 'client', `http://${address}:8080/`);
    await kubectl.apply(manifest(denyAll));
    await until(
      'the policy',
      async () => (await fetch(kubectl, 'client', `http://${address}:8080/`)).code || undefined,
    );
    assert.deepEqual(await problems('calico'), []);
  });

  test('is said at the start, and kept while it runs', async () => {
    const again = await cluster.tryPortolan('start', '--name', 'calico', '--cni', 'bridge');
    assert.match(again.stderr, /cluster "calico" runs with --cni calico\n +Stop it first/);
    await cluster.portolan('stop', '--name', 'calico');
    assert.match(
      await cluster.start('--name', 'calico', '--cni', 'cilium'),
      /^--cni cilium: Portolan's own network stands for cilium; it enforces the same NetworkPolicies$/m,
    );
  });
});

describe('--cni bridge', () => {
  let said: string;
  before(async () => {
    said = await cluster.start('--name', 'bridge', '--nodes', '1', '--cni', 'bridge');
  });
  after(() => cluster.portolan('delete', '--name', 'bridge'));

  test('accepts policies, enforces none, and says so at start, in status and as a warning', async () => {
    assert.match(
      said,
      /^--cni bridge: pods reach each other; NetworkPolicies are accepted, not enforced$/m,
    );
    assert.match(
      (await problems('bridge')).join('\n'),
      /NetworkPolicies are accepted, not enforced \(--cni bridge\)/,
    );
    const address = await createPair();
    const { code, stdout, stderr } = await kubectl.run(['apply', '-f', '-'], {
      input: manifest(denyAll),
    });
    assert.deepEqual(
      [code, stdout.trim()],
      [0, 'networkpolicy.networking.k8s.io/deny-all created'],
    );
    assert.match(stderr, /^Warning: .*not enforced/m);
    await reaches(kubectl, 'client', `http://${address}:8080/`);
  });
});

describe('--cni none', { skip: noPlugins }, () => {
  const folder = join(cluster.home, 'clusters', 'bare', 'cni', 'net.d');
  before(async () => {
    cluster.env['CNI_PATH'] = plugins;
    const said = await cluster.start('--name', 'bare', '--nodes', '2', '--cni', 'none');
    assert.ok(
      said.includes(
        `--cni none: nodes stay NotReady until a network configuration lies in ${folder}`,
      ),
      said,
    );
  });
  after(() => cluster.portolan('delete', '--name', 'bare'));

  test('nodes are not ready, in the kubelet’s words', async () => {
    assert.match(await kubectl('get', 'nodes'), /^node1 +NotReady /m);
    const message = '{.status.conditions[?(@.type=="Ready")].message}';
    assert.equal(await kubectl.read(message, 'node', 'node2'), NOT_READY);
    assert.match((await problems('bare')).join('\n'), /node1, node2 not ready: .*\/cni\/net\.d$/m);
  });

  test('pods wait: unscheduled, or in ContainerCreating where they are tolerated; the host’s network works', async () => {
    const tolerations = [{ operator: 'Exists' }];
    await kubectl.apply(
      manifest(
        pod('patient', { containers: [sleeper] }),
        pod('eager', { containers: [webServer], tolerations }),
        pod('host', { containers: [sleeper], tolerations, hostNetwork: true }),
      ),
    );
    await kubectl.wait('pod/host', 'condition=Ready');
    const describe = (name: string) => (): Promise<string> => kubectl('describe', 'pod', name);
    await untilMatch(
      /FailedScheduling .*0\/2 nodes are available: 2 node\(s\) had untolerated taint \{node\.kubernetes\.io\/not-ready: ?\}/,
      describe('patient'),
    );
    await untilMatch(
      /Warning +NetworkNotReady .*network is not ready: container runtime network not ready/,
      describe('eager'),
    );
    assert.match(await kubectl('get', 'pods'), /^eager +0\/1 +ContainerCreating /m);
    assert.match(await kubectl('get', 'pods'), /^patient +0\/1 +Pending /m);
  });

  test('a configuration that is dropped is taken up at once', async () => {
    writeList(join(folder, '10-course.conflist'), bridge);
    for (const name of ['node/node1', 'node/node2', 'pod/eager', 'pod/patient']) {
      await kubectl.wait(name, 'condition=Ready');
    }
    assert.match(await kubectl.read('{.status.podIP}', 'pod', 'eager'), /^10\.244\.[01]\.\d+$/);
    assert.doesNotMatch((await problems('bare')).join('\n'), /not ready/);
  });

  test('what goes wrong is told in the pod’s events', async () => {
    writeList(join(folder, '10-course.conflist'), bridge, { type: 'absent' });
    const create = async (): Promise<true | undefined> => {
      await kubectl(
        'delete',
        'pod',
        'unlucky',
        '--ignore-not-found',
        '--grace-period=0',
        '--force',
      );
      await kubectl.apply(manifest(pod('unlucky', { containers: [sleeper] })));
      const failed = (): Promise<string> => kubectl('get', 'events', '-o', 'wide');
      await untilMatch(
        /FailedCreatePodSandBox +pod\/unlucky .*Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "[0-9a-f]{64}": plugin type="absent" name="course" failed \(add\): failed to find plugin "absent" in path \[/,
        failed,
      );
      return true;
    };
    await create();
    writeList(join(folder, '10-course.conflist'), bridge);
    await kubectl.wait('pod/unlucky', 'condition=Ready');
  });

  test('without its configuration, nodes take no more pods', async () => {
    rmSync(join(folder, '10-course.conflist'));
    await kubectl.wait('node/node1', 'condition=Ready=False');
    assert.match(await kubectl('get', 'pods'), /^eager +1\/1 +Running /m);
  });
});
