// What is wrong is refused in Kubernetes' words, and leaves everything as it was.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { oldKubectl, TestCluster } from './harness.ts';
import { createKubectl, type Kubectl } from './kubectl.ts';
import { manifest, pod, sleeper } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

const existing = 'service,deployment,replicaset,pod,configmap,networkpolicy,ingress,serviceaccount';

/** Which objects there are, in which versions. */
function versions(): Promise<string> {
  const columns = 'custom-columns=K:.kind,N:.metadata.name,V:.metadata.resourceVersion';
  return kubectl('get', existing, '-o', columns, '--sort-by=.metadata.uid');
}

let versionsBefore = '';
before(async () => {
  await cluster.start();
  await kubectl('create', 'deploy', 'web', '--image=nginx', '--replicas=1');
  await kubectl('expose', 'deploy', 'web', '--port=80');
  await kubectl.apply(manifest(pod('shell', { containers: [sleeper] })));
  await kubectl('rollout', 'status', 'deploy/web', '--timeout=60s');
  await kubectl.wait('pod/shell', 'condition=Ready');
});
beforeEach(async () => {
  versionsBefore = await versions();
});
afterEach(async () => assert.equal(await versions(), versionsBefore));
after(() => cluster.close());

function service(name: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
}

const badPolicy = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'bad' },
  spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/99' } }] }] },
});

/** Texts that the API server makes: the same for every kubectl. */
function testRefusals(one: Kubectl): void {
  test('objects that are not there', async () => {
    for (const [args, text] of [
      [['get', 'svc', 'nope'], 'Error from server (NotFound): services "nope" not found'],
      [
        ['expose', 'deploy', 'nope', '--port=80'],
        'Error from server (NotFound): deployments.apps "nope" not found',
      ],
      [['delete', 'pod', 'nope'], 'Error from server (NotFound): pods "nope" not found'],
      [
        ['delete', 'networkpolicy', 'nope'],
        'Error from server (NotFound): networkpolicies.networking.k8s.io "nope" not found',
      ],
      [['create', 'configmap', 'x', '-n', 'nowhere'], /namespaces "nowhere" not found$/],
      [['get', 'nonsense'], 'error: the server doesn\'t have a resource type "nonsense"'],
    ] as const) {
      const said = await one.fails(...args);
      if (typeof text === 'string') assert.equal(said, text);
      else assert.match(said, text);
    }
  });

  test('a name and ports out of bounds', async () => {
    const said = await one.applyFails(
      service('bad_name', { selector: { app: 'x' }, ports: [{ port: 99999 }] }),
    );
    assert.equal(
      said,
      `The Service "bad_name" is invalid: 
* metadata.name: Invalid value: "bad_name": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')
* spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive
* spec.ports[0].targetPort: Invalid value: 99999: must be between 1 and 65535, inclusive`,
    );
  });

  test('a block that is none', async () => {
    assert.match(
      await one.applyFails(badPolicy),
      /^The NetworkPolicy "bad" is invalid: spec\.ingress\[0\]\.from\[0\]\.ipBlock\.cidr: Invalid value: "10\.0\.0\.0\/99": /,
    );
  });

  test('a name that is taken', async () => {
    assert.match(
      await one.fails('create', 'deploy', 'web', '--image=nginx'),
      /^(Error from server \(AlreadyExists\)|error: failed to create deployment): deployments\.apps "web" already exists$/,
    );
  });

  test('a change of what is fixed', async () => {
    const patch = '{"spec":{"selector":{"matchLabels":{"app":"other"}}}}';
    const said = await one.fails('patch', 'deploy', 'web', '-p', patch);
    assert.match(said, /^The Deployment "web" is invalid: /);
    assert.match(said, /spec\.selector: Invalid value: .*: field is immutable$/m);
    assert.match(
      await one.fails('patch', 'service', 'web', '-p', '{"spec":{"clusterIP":"10.96.99.99"}}'),
      /spec\.clusterIPs\[0\]: Invalid value: \["10\.96\.99\.99"\]: may not change once set$/m,
    );
    const image = '{"spec":{"containers":[{"name":"main","command":["true"]}]}}';
    assert.match(
      await one.fails('patch', 'pod', 'shell', '-p', image),
      /^The Pod "shell" is invalid: spec: Forbidden: pod updates may not change fields other than /,
    );
  });

  test('a version that somebody has overtaken', async () => {
    const object = JSON.parse(await kubectl('get', 'service', 'web', '-o', 'json')) as {
      metadata: { resourceVersion: string };
    };
    object.metadata.resourceVersion = '1';
    const { code, stderr } = await one.run(['replace', '-f', '-'], {
      input: JSON.stringify(object),
    });
    assert.notEqual(code, 0);
    assert.match(
      stderr,
      /^Error from server \(Conflict\): .*Operation cannot be fulfilled on services "web": the object has been modified; please apply your changes to the latest version and try again$/m,
    );
  });

  test('an address and a port that others have', async () => {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'kubernetes');
    assert.match(
      await one.applyFails(service('thief', { clusterIP: ip, ports: [{ port: 80 }] })),
      /spec\.clusterIPs: Invalid value: .*"10\.96\.0\.1".*: failed to allocate IP 10\.96\.0\.1: provided IP is already allocated$/,
    );
    assert.match(
      await one.fails('create', 'service', 'nodeport', 'low', '--tcp=80', '--node-port=80'),
      /spec\.ports\[0\]\.nodePort: Invalid value: 80: provided port is not in the valid range\. The range of valid ports is 30000-32767$/,
    );
  });
}

describe('the current kubectl', () => {
  testRefusals(kubectl);

  test('a field that nobody knows', async () => {
    assert.equal(
      await kubectl.applyFails(service('typo', { selectr: { app: 'x' }, ports: [{ port: 80 }] })),
      'Error from server (BadRequest): error when creating "STDIN": Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.selectr"',
    );
  });

  test('a value of the wrong type', async () => {
    assert.match(
      await kubectl.applyFails(service('typo', { ports: [{ port: 'eighty' }] })),
      /^Error from server \(BadRequest\): .*cannot unmarshal string into Go struct field ServicePort\.spec\.ports\.port of type int32$/,
    );
  });

  test('kinds and verbs that are not there', async () => {
    const stranger = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' } };
    assert.match(
      await kubectl.applyFails(JSON.stringify(stranger)),
      /no matches for kind "Thing" in version "example\.com\/v1"/,
    );
    assert.match(await kubectl.fails('get', '--raw', '/nothing'), /NotFound/);
  });

  test('a dry run is a refusal too, and a success changes nothing', async () => {
    const args = ['create', 'service', 'clusterip', 'dry', '--tcp=80', '--dry-run=server'];
    assert.equal(await kubectl(...args), 'service/dry created (server dry run)');
  });
});

const skip = oldKubectl === undefined && 'no old kubectl: set PORTOLAN_KUBECTL_OLD';

describe('kubectl 1.20', { skip }, () => {
  const old = createKubectl(cluster, oldKubectl ?? 'kubectl');
  testRefusals(old);

  test('a field that nobody knows', async () => {
    assert.equal(
      await old.applyFails(service('typo', { selectr: { app: 'x' }, ports: [{ port: 80 }] })),
      'error: error validating "STDIN": error validating data: ValidationError(Service.spec): unknown field "selectr" in io.k8s.api.core.v1.ServiceSpec; if you choose to ignore these errors, turn validation off with --validate=false',
    );
  });
});
