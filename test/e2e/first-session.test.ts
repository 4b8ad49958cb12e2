// The session that the first version of Portolan was built for: what a course shows, typed as it is shown.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { root, TestCluster, until } from './harness.ts';

const cluster = new TestCluster();

before(async () => {
  // With the set-up that a stranger gets, which has nothing left to do here.
  await cluster.ok('npm', ['start', '--prefix', root], { timeout: 120_000 });
});
after(() => cluster.close());

const { kubectl } = cluster;

describe('a first session', () => {
  test('three nodes are Ready, with their addresses and version', async () => {
    const [header = '', ...rows] = (await kubectl('get', 'nodes', '-o', 'wide')).split('\n');
    assert.match(
      header,
      /^NAME +STATUS +ROLES +AGE +VERSION +INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME$/,
    );
    assert.equal(rows.length, 3);
    for (const [position, row] of rows.entries()) {
      assert.match(
        row,
        new RegExp(
          `^node${position + 1} +Ready .* v1\\.\\d+\\.\\d+\\S* +172\\.18\\.0\\.${position + 2} `,
        ),
      );
    }
  });

  test('a Deployment is created, exposed and shown', async () => {
    assert.equal(
      await kubectl('create', 'deploy', 'nginx-app', '--image=nginx:latest', '--replicas=3'),
      'deployment.apps/nginx-app created',
    );
    assert.equal(
      await kubectl('expose', 'deploy', 'nginx-app', '--port=80'),
      'service/nginx-app exposed',
    );
    await kubectl('rollout', 'status', 'deploy/nginx-app', '--timeout=60s');
    const service = await kubectl('get', 'service', 'nginx-app');
    assert.match(
      service,
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nnginx-app +ClusterIP +10\.\d+\.\d+\.\d+ +<none> +80\/TCP +\d+s$/,
    );
    const pods = (await kubectl('get', 'pods', '-o', 'wide')).split('\n').slice(1);
    assert.equal(pods.length, 3);
    for (const pod of pods)
      assert.match(
        pod,
        /^nginx-app-[a-z0-9]+-[a-z0-9]{5} +1\/1 +Running +0 +\d+s +10\.244\.\d+\.\d+ +node[123] +<none> +<none>$/,
      );
    assert.match(
      await kubectl('get', 'endpointslices'),
      /^nginx-app-[a-z0-9]{5} +IPv4 +80 +10\.244/m,
    );
    const described = await kubectl('describe', 'service', 'nginx-app');
    assert.match(described, /^Selector: +app=nginx-app$/m);
    assert.match(described, /^TargetPort: +80\/TCP$/m);
    assert.match(
      described,
      /^Endpoints: +10\.244\.\d+\.\d+:80,10\.244\.\d+\.\d+:80,10\.244\.\d+\.\d+:80$/m,
    );
  });

  test('a pod reaches the Service, which spreads over all pods', async () => {
    await kubectl('run', 'testpod', '--image=busybox', '--', 'sleep', '3600');
    await cluster.ready('run=testpod');
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'nginx-app');
    const seen = new Set<string>();
    for (let attempt = 0; attempt < 40 && seen.size < 3; attempt += 1) {
      const page = await kubectl(
        'exec',
        'testpod',
        '--',
        'wget',
        '-qO-',
        '-T',
        '2',
        `http://${ip}`,
      );
      seen.add((JSON.parse(page) as { pod: string }).pod);
    }
    assert.equal(seen.size, 3);
  });

  test('a NodePort answers on the host', async () => {
    await kubectl('create', 'service', 'nodeport', 'other', '--tcp=80:80', '--node-port=32000');
    await kubectl('set', 'selector', 'service', 'other', 'app=nginx-app');
    const ip = await cluster.portolan('ip');
    const page = await until('the node port', async () => {
      const { code, stdout } = await cluster.run('curl', ['-sf', '-m', '2', `http://${ip}:32000`]);
      return code === 0 ? stdout : undefined;
    });
    assert.match(page, /nginx-app-/);
    assert.equal(await cluster.portolan('service', 'other', '--url'), `http://${ip}:32000`);
    // As fingers know it from minikube.
    const listed = await cluster.portolan('service', 'list', '-n', 'default', '--url');
    assert.equal(listed, `http://${ip}:32000`);
  });

  test('kubectl edit turns a ClusterIP into a NodePort', async () => {
    await cluster.ok('kubectl', ['edit', 'service', 'nginx-app'], {
      env: { KUBE_EDITOR: "sed -i 's/type: ClusterIP/type: NodePort/'" },
    });
    assert.match(
      await kubectl('get', 'service', 'nginx-app'),
      /nginx-app +NodePort .* 80:3\d{4}\/TCP/,
    );
  });

  test('scale, rollout status, set image and undo', async () => {
    await kubectl('scale', 'deploy', 'nginx-app', '--replicas=5');
    const status = await kubectl('rollout', 'status', 'deploy/nginx-app', '--timeout=60s');
    assert.match(status, /deployment "nginx-app" successfully rolled out$/);
    assert.equal(await kubectl.read('{.status.readyReplicas}', 'deploy', 'nginx-app'), '5');
    await kubectl('set', 'image', 'deploy/nginx-app', 'nginx=nginx:1.27');
    await kubectl('rollout', 'status', 'deploy/nginx-app', '--timeout=60s');
    assert.equal(
      await kubectl.read('{.spec.template.spec.containers[0].image}', 'deploy', 'nginx-app'),
      'nginx:1.27',
    );
    assert.match(await kubectl('rollout', 'history', 'deploy/nginx-app'), /^1 .*\n2 /m);
    await kubectl('rollout', 'undo', 'deploy/nginx-app');
    await kubectl('rollout', 'status', 'deploy/nginx-app', '--timeout=60s');
    const images = await kubectl.read(
      '{.items[*].spec.containers[0].image}',
      'pods',
      '-l',
      'app=nginx-app',
      '--field-selector=status.phase=Running',
    );
    assert.ok(images.includes('nginx:latest'));
  });

  test('deleting a pod brings another, deleting all leaves none', async () => {
    const name = await kubectl.read('{.items[0].metadata.name}', 'pods', '-l', 'app=nginx-app');
    await kubectl('delete', 'pod', name);
    await until('the replacement', async () =>
      (await kubectl.read('{.status.readyReplicas}', 'deploy', 'nginx-app')) === '5'
        ? true
        : undefined,
    );
    await kubectl('delete', 'deploy,svc', '--all');
    await until('the end of the pods', async () =>
      (await kubectl('get', 'pods', '-l', 'app=nginx-app', '-o', 'name')) === '' ? true : undefined,
    );
    await until('the kubernetes Service again', async () =>
      (await cluster.run('kubectl', ['get', 'service', 'kubernetes'])).code === 0
        ? true
        : undefined,
    );
  });
});
