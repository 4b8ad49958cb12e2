// A course's hour about Ingress, typed: the addon, rules by path and by host, and what becomes of what is missing.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildNginxImage } from '../images/images.ts';
import { TestCluster, oldKubectl, until, untilMatch } from './harness.ts';
import { IngressClient } from './ingress-client.ts';
import { createKubectl } from './kubectl.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
const client = new IngressClient(cluster);
const welcome = /<title>Welcome to nginx!<\/title>/;
const unavailable = /<title>503 Service Temporarily Unavailable<\/title>/;
const notFound = /<title>404 Not Found<\/title>/;

before(async () => {
  await cluster.start();
  await cluster.portolan('image', 'import', 'nginx:latest', buildNginxImage());
  await kubectl('create', 'deployment', 'nginx-app', '--image=nginx', '--replicas=3');
  await kubectl('expose', 'deployment', 'nginx-app', '--port=80');
  await kubectl('rollout', 'status', 'deploy/nginx-app', '--timeout=60s');
});
after(() => cluster.close());

/** A column of the one row that kubectl prints of an Ingress. */
async function addressShown(): Promise<string> {
  return (await kubectl('get', 'ingress', '--no-headers')).split(/\s+/)[3] ?? '';
}

test('without a controller an Ingress has no effect, and whoever makes it is told', async () => {
  const rules = ['--rule=/=nginx-app:80', '--rule=/hello=newdeploy:8080'];
  const { stdout, stderr } = await kubectl.run([
    'create',
    'ingress',
    'nginx-app-ingress',
    ...rules,
  ]);
  assert.equal(stdout, 'ingress.networking.k8s.io/nginx-app-ingress created\n');
  assert.match(stderr, /^Warning: spec\.ingressClassName: the cluster has no IngressClass: /);
  assert.match(await cluster.portolan('addons', 'list'), /^\| ingress +\| portolan +\| disabled /m);
  // In the column of addresses are the ports.
  assert.equal(await addressShown(), '80');
  assert.match(await kubectl('describe', 'ingress', 'nginx-app-ingress'), /^Events: +<none>$/m);
});

test('the addon brings a controller, which takes on what is there', async () => {
  const enabled = await cluster.portolan('addons', 'enable', 'ingress');
  assert.match(enabled, /^🌟 {2}The 'ingress' addon is enabled$/m);
  assert.match(enabled, /^ {4}http:\/\/127\.\S+$/m);
  assert.match(
    await cluster.portolan('addons', 'list'),
    /^\| ingress +\| portolan +\| enabled ✅ /m,
  );
  assert.match(await kubectl('get', 'ns'), /^ingress-nginx +Active /m);
  assert.match(await client.address('nginx-app-ingress'), /^127\.19\./);
});

test('kubectl get all -n ingress-nginx shows what ingress-nginx has', async () => {
  const all = (): Promise<string> => kubectl('get', 'all', '-n', 'ingress-nginx');
  await untilMatch(/^pod\/ingress-nginx-admission-create-\S+ +0\/1 +Completed /m, all);
  await untilMatch(/^pod\/ingress-nginx-admission-patch-\S+ +0\/1 +Completed /m, all);
  const shown = await all();
  assert.match(shown, /^pod\/ingress-nginx-controller-\S+ +1\/1 +Running +0 /m);
  assert.match(shown, /^service\/ingress-nginx-controller .* 80:\d+\/TCP,443:\d+\/TCP /m);
  assert.match(shown, /^service\/ingress-nginx-controller-admission +ClusterIP .* 443\/TCP /m);
  assert.match(shown, /^deployment\.apps\/ingress-nginx-controller +1\/1 +1 +1 /m);
  assert.match(shown, /^replicaset\.apps\/ingress-nginx-controller-\S+ +1 +1 +1 /m);
  assert.match(shown, /^job\.batch\/ingress-nginx-admission-(create|patch) .*1\/1 /m);
});

describe('rules by path', () => {
  test('kubectl describe shows backends, those that are missing, and Events', async () => {
    const shown = await kubectl('describe', 'ingress', 'nginx-app-ingress');
    assert.match(
      shown,
      /^ +\/ +nginx-app:80 \((\d+\.){3}\d+:80,(\d+\.){3}\d+:80,(\d+\.){3}\d+:80\)$/m,
    );
    assert.match(shown, /^ +\/hello +newdeploy:8080 \(<error: \w+ "newdeploy" not found>\)$/m);
    assert.match(
      shown,
      /^ +Normal +Sync +\S+( \(x\d+ over \S+\))? +nginx-ingress-controller +Scheduled for sync$/m,
    );
    assert.match(shown, /^ +Warning +ServiceNotFound .* default\/newdeploy:8080: /m);
  });

  test(
    'kubectl 1.20 shows the same',
    { skip: oldKubectl === undefined && 'no kubectl 1.20 on this machine' },
    async () => {
      const shown = await createKubectl(cluster, oldKubectl ?? '')('describe', 'ingress');
      assert.match(shown, /^ +\/ +nginx-app:80 \(10\./m);
      assert.match(
        shown,
        /^ +\/hello +newdeploy:8080 \(<error: endpoints "newdeploy" not found>\)$/m,
      );
      assert.match(shown, /^ +Normal +Sync .* Scheduled for sync$/m);
    },
  );

  test('curl reaches them at the ADDRESS, by any name, with and without TLS', async () => {
    const at = await client.address('nginx-app-ingress');
    const plain = await client.ask(at, 'http://nginx-app.demo/');
    assert.deepEqual([plain.status, plain.version], [200, '1.1']);
    assert.match(plain.body, welcome);
    assert.match((await client.ask(at, 'https://nginx-app.demo/', '-k')).body, welcome);
  });

  test('and at the address that portolan ip prints', async () => {
    const ip = await cluster.portolan('ip');
    assert.match((await client.ask(ip, 'http://nginx-app.demo/')).body, welcome);
    assert.match((await client.ask(ip, 'https://nginx-app.demo/', '-k')).body, welcome);
  });

  test('/hello is 503 until there is a Service with pods, and answers from then on', async () => {
    const at = await client.address('nginx-app-ingress');
    const url = 'http://nginx-app.demo/hello';
    const missing = await client.ask(at, url);
    assert.equal(missing.status, 503);
    assert.match(missing.body, unavailable);
    const image = 'gcr.io/google-samples/hello-app:2.0';
    await kubectl('create', 'deployment', 'newdeploy', `--image=${image}`);
    await kubectl('expose', 'deployment', 'newdeploy', '--port=8080');
    const { body } = await client.awaitStatus(200, at, url);
    const said = JSON.parse(body) as { pod: string; path: string; port: number };
    assert.match(said.pod, /^newdeploy-/);
    assert.deepEqual([said.path, said.port], ['/hello', 8080]);
    await kubectl('scale', 'deployment', 'newdeploy', '--replicas=0');
    await client.awaitStatus(503, at, url);
    assert.equal((await client.ask(at, 'http://nginx-app.demo/')).status, 200);
  });
});

describe('rules by host', () => {
  let at = '';

  before(async () => {
    await kubectl('create', 'deploy', 'foo', '--image=nginx');
    await kubectl('create', 'deploy', 'bar', '--image=httpd');
    await kubectl('expose', 'deploy', 'foo', '--port=80');
    await kubectl('expose', 'deploy', 'bar', '--port=80');
    await kubectl('rollout', 'status', 'deploy/foo', '--timeout=60s');
    await kubectl('rollout', 'status', 'deploy/bar', '--timeout=60s');
    const rules = ['--rule=foo.example.com/=foo:80', '--rule=bar.example.com/=bar:80'];
    await kubectl('create', 'ingress', 'multihost', ...rules);
    at = await client.address('multihost');
  });

  test('an Exact path is that path alone; the rest goes to the rule without host', async () => {
    await client.awaitStatus(200, at, 'http://foo.example.com/');
    await kubectl('delete', 'ingress', 'nginx-app-ingress');
    const { body } = await client.awaitStatus(404, at, 'http://foo.example.com/lololol');
    assert.match(body, /<center>portolan<\/center>/);
  });

  test('kubectl edit makes them prefixes', async () => {
    const editor = join(cluster.home, 'editor');
    writeFileSync(editor, `#!/bin/sh\nsed -i 's/pathType: Exact/pathType: Prefix/' "$1"\n`, {
      mode: 0o755,
    });
    const edit = await kubectl.run(['edit', 'ingress', 'multihost'], { env: { EDITOR: editor } });
    assert.equal(edit.stdout, 'ingress.networking.k8s.io/multihost edited\n');
    const shown = await kubectl('get', 'ingress', 'multihost', '--no-headers');
    assert.match(
      shown,
      /^multihost +nginx +foo\.example\.com,bar\.example\.com +127\.19\.\S+ +80 /,
    );
    await until("foo's own page for what it has not", async () => {
      const { status, body } = await client.ask(at, 'http://foo.example.com/lololol');
      return status === 404 && notFound.test(body) && !body.includes('portolan') ? true : undefined;
    });
  });

  test('each name has its pods', async () => {
    assert.match((await client.ask(at, 'http://foo.example.com/')).body, welcome);
    assert.match((await client.ask(at, 'http://bar.example.com/')).body, /"pod": "bar-/);
    assert.match((await client.ask(at, 'http://bar.example.com/lololol')).body, /"\/lololol"/);
    assert.equal((await client.ask(at, 'http://example.com/')).status, 404);
  });

  test('a wildcard is one label, and less than the name itself', async () => {
    await kubectl('create', 'ingress', 'wild', '--rule=*.example.com/*=nginx-app:80');
    const own = await client.awaitStatus(200, at, 'http://other.example.com/');
    assert.match(own.body, welcome);
    assert.match((await client.ask(at, 'http://bar.example.com/')).body, /"pod": "bar-/);
    assert.equal((await client.ask(at, 'http://a.b.example.com/')).status, 404);
    assert.equal((await client.ask(at, 'http://example.com/')).status, 404);
  });
});

test('the controller’s log and metrics name what kubectl names', async () => {
  const log = await kubectl('logs', '-n', 'ingress-nginx', 'deploy/ingress-nginx-controller');
  assert.match(
    log,
    /"GET \/lololol HTTP\/1\.1" 200 \d+ "bar\.example\.com" \S+ \[default\/bar:80\] \S+:80 default\/multihost:rules\[1\]\.paths\[0\] FORWARDED/,
  );
  const controller = ['-n', 'ingress-nginx', '-l', 'app.kubernetes.io/component=controller'];
  const ip = await kubectl.read('{.items[0].status.podIP}', 'pod', ...controller);
  const url = `http://${ip}:10254/metrics`;
  const metrics = await cluster.portolan('exec', 'node1', '--', 'curl', '-s', '-m', '5', url);
  assert.match(metrics, /^nginx_ingress_controller_requests\{.*ingress="multihost".*\} \d+$/m);
});

test('disabling the addon takes namespace and addresses away, and leaves the Ingresses', async () => {
  const at = await client.address('multihost');
  assert.match(await cluster.portolan('addons', 'disable', 'ingress'), /is disabled$/m);
  await until('the end of the namespace', async () => {
    const { code } = await kubectl.run(['get', 'ns', 'ingress-nginx']);
    return code === 0 ? undefined : true;
  });
  await untilMatch(/^$/, () => {
    const path = '{.items[*].status.loadBalancer.ingress[*].ip}';
    return kubectl.read(path, 'ingress');
  });
  assert.equal((await client.ask(at, 'http://foo.example.com/')).status, 0);
  assert.match(await kubectl('get', 'ingress', '-o', 'name'), /multihost/);
});

test('enabling it again brings all of it back', async () => {
  await cluster.portolan('addons', 'enable', 'ingress');
  const at = await client.address('multihost');
  assert.match((await client.awaitStatus(200, at, 'http://foo.example.com/')).body, welcome);
});

test('after a stop and a start it answers where it did, at the address of portolan ip, too', async () => {
  await cluster.portolan('stop');
  await cluster.portolan('start');
  for (const at of [await cluster.portolan('ip'), await client.address('multihost')]) {
    assert.match((await client.awaitStatus(200, at, 'http://foo.example.com/')).body, welcome);
  }
});

test('switched off while the cluster is stopped, it is gone from the next start on', async () => {
  await cluster.portolan('stop');
  const said = await cluster.portolan('addons', 'disable', 'ingress');
  assert.match(said, /is disabled from the next start on$/m);
  await cluster.portolan('start');
  await until('the end of the namespace', async () => {
    const { code } = await kubectl.run(['get', 'ns', 'ingress-nginx']);
    return code === 0 ? undefined : true;
  });
  await untilMatch(/^$/, () => {
    const path = '{.items[*].status.loadBalancer.ingress[*].ip}';
    return kubectl.read(path, 'ingress');
  });
  await cluster.portolan('stop');
  await cluster.portolan('start', '--addons', 'ingress');
  const at = await client.address('multihost');
  assert.match((await client.awaitStatus(200, at, 'http://foo.example.com/')).body, welcome);
});
