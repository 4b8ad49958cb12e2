import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from './testing/api-server.ts';
import { kubectls, KubectlRunner, type Kubectl } from './testing/kubectl.ts';

const pod = `
apiVersion: v1
kind: Pod
metadata: {name: busybox, labels: {app: sleepy}}
spec: {containers: [{name: main, image: busybox}]}
`;

const badPolicy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: bad}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/99}}]}]}
`;

const badService = `
apiVersion: v1
kind: Service
metadata: {name: bad_name}
spec: {ports: [{port: 99999}]}
`;

const unknownField = `
apiVersion: v1
kind: Service
metadata: {name: unknown}
spec: {selectr: {app: web}, ports: [{port: 80}]}
`;

for (const kubectl of kubectls) {
  describe(`a session with ${kubectl.name}`, { skip: kubectl.skip }, () => testSession(kubectl));
}

function testSession(kubectl: Kubectl): void {
  let server: TestServer;
  let runner: KubectlRunner;
  before(async () => {
    server = await startTestServer();
    runner = new KubectlRunner(kubectl, server);
    await runner.open();
    await ok('create serviceaccount default');
  });
  after(() => server.close());

  /** Runs a command given as one line. */
  async function ok(line: string, environment?: Record<string, string>): Promise<string> {
    const { code, text } = await runner.run(line.split(' '), environment);
    assert.equal(code, 0, text);
    return text;
  }

  async function contents(): Promise<string> {
    return JSON.stringify((await server.store.list({ prefix: '/' })).objects);
  }

  /** Runs a command that must fail and must store nothing. */
  async function refused(line: string): Promise<string> {
    const before = await contents();
    const { code, text } = await runner.run(line.split(' '));
    assert.equal(code, 1, text);
    assert.equal(await contents(), before);
    return text;
  }

  it('creates a deployment and exposes it', async () => {
    assert.equal(
      await ok('create deployment nginx-app --image=nginx:latest --replicas=3'),
      'deployment.apps/nginx-app created\n',
    );
    assert.equal(await ok('expose deployment nginx-app --port=80'), 'service/nginx-app exposed\n');
    assert.match(
      await ok('get service nginx-app'),
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nnginx-app +ClusterIP +10\.\S+ +<none> +80\/TCP +\d+s\n$/,
    );
    assert.match(
      await ok('get deployments'),
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nnginx-app +0\/3 +0 +0 +\d+s\n$/,
    );
    assert.match(await ok('describe service nginx-app'), /^TargetPort: +80\/TCP$/m);
    assert.equal(await ok('delete service nginx-app'), 'service "nginx-app" deleted\n');
  });

  it('creates a NodePort service and edits it', async () => {
    await ok('create service nodeport nginx-app --tcp=80:80 --node-port=32000');
    assert.match(
      await ok('get service nginx-app -o wide'),
      /nginx-app +NodePort +10\.\S+ +<none> +80:32000\/TCP +\d+s +app=nginx-app\n$/,
    );
    await ok('edit service nginx-app', { KUBE_EDITOR: 'sed -i s/32000/32001/' });
    assert.match(await ok('get service nginx-app -o yaml'), /nodePort: 32001/);
    assert.equal(
      await ok('set selector service nginx-app app=other'),
      'service/nginx-app selector updated\n',
    );
  });

  it('applies, labels, annotates, patches and scales', async () => {
    const file = await runner.manifest('pod.yaml', pod);
    assert.equal(await ok(`apply -f ${file}`), 'pod/busybox created\n');
    assert.equal(await ok(`apply -f ${file}`), 'pod/busybox unchanged\n');
    assert.equal(await ok('label pod busybox access=true'), 'pod/busybox labeled\n');
    assert.match(
      await ok('get pods --show-labels'),
      /^NAME +READY +STATUS +RESTARTS +AGE +LABELS\nbusybox +0\/1 +Pending +0 +\d+s +access=true,app=sleepy\n$/,
    );
    assert.match(await ok('annotate pod busybox note=hi'), /annotated\n$/);
    assert.match(await ok('patch pod busybox -p {"metadata":{"labels":{"z":"1"}}}'), /patched\n$/);
    const json = '[{"op":"remove","path":"/metadata/labels/z"}]';
    assert.match(await ok(`patch pod busybox --type=json -p ${json}`), /patched\n$/);
    assert.equal(
      await ok('scale deployment nginx-app --replicas=1'),
      'deployment.apps/nginx-app scaled\n',
    );
    assert.match(await ok('set image deployment/nginx-app nginx=nginx:1.27'), /image updated\n$/);
    assert.match(await ok('get deployment nginx-app -o yaml'), /generation: 3\n/);
  });

  it('writes nothing in a dry run on the server', async () => {
    const before = await contents();
    const line = 'create deployment dry --image=nginx --dry-run=server';
    assert.equal(await ok(line), 'deployment.apps/dry created (server dry run)\n');
    assert.match(await ok('delete pod busybox --dry-run=server'), /\(server dry run\)\n$/);
    assert.equal(await contents(), before);
  });

  it('explains, lists resources, and says who and what it may', async () => {
    assert.match(await ok('explain service.spec.ports.nodePort'), /<integer>/);
    assert.match(await ok('api-resources'), /^deployments +deploy +apps\/v1 +true +Deployment$/m);
    assert.equal(await ok('auth can-i delete pods'), 'yes\n');
    const printed = await runner.run(['auth', 'can-i', 'delete', 'pods', '--as=jane']);
    assert.match(printed.text, /^no\n/);
  });

  it('watches', async () => {
    const args = ['get', 'configmaps', '--watch', '--no-headers', '-o', 'name'];
    const env = { ...process.env, KUBECONFIG: server.kubeconfig, HOME: server.directory };
    const child = spawn(kubectl.path ?? 'kubectl', args, { env });
    let printed = '';
    const seen = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.includes('configmap/second\n')) resolve();
      });
    });
    await ok('create configmap first --from-literal=a=b');
    await ok('create configmap second --from-literal=a=b');
    await seen;
    child.kill();
    assert.equal(printed, 'configmap/first\nconfigmap/second\n');
  });

  it('is told what is wrong, in the words that its users know', async () => {
    assert.equal(
      await refused('get service nope'),
      'Error from server (NotFound): services "nope" not found\n',
    );
    assert.equal(
      await refused('expose deployment nope --port=80'),
      'Error from server (NotFound): deployments.apps "nope" not found\n',
    );
    assert.equal(
      await refused(`apply -f ${await runner.manifest('policy.yaml', badPolicy)}`),
      'The NetworkPolicy "bad" is invalid: spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0/99": not a valid CIDR\n',
    );
    assert.equal(
      await refused(`apply -f ${await runner.manifest('service.yaml', badService)}`),
      [
        'The Service "bad_name" is invalid: ',
        `* metadata.name: Invalid value: "bad_name": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
        '* spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive',
        '* spec.ports[0].targetPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
        '',
      ].join('\n'),
    );
    assert.match(
      await refused(`apply -f ${await runner.manifest('unknown.yaml', unknownField)}`),
      /unknown field "(spec\.)?selectr"/,
    );
    assert.match(
      await refused('create configmap first --from-literal=a=b'),
      /configmaps "first" already exists/,
    );
  });

  it('deletes, one and all', async () => {
    assert.equal(await ok('delete pod busybox'), 'pod "busybox" deleted\n');
    assert.equal(
      await ok('delete deployments,services --all --wait=false'),
      'deployment.apps "nginx-app" deleted\nservice "nginx-app" deleted\n',
    );
  });
}
