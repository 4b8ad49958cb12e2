// Services as objects: their names, their addresses, and where addresses come from.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestCluster, until, untilMatch } from './harness.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;

const ports = [{ port: 80, targetPort: 8080 }];

function service(name: string, spec: object = {}): object {
  const metadata = { name };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports, ...spec } };
}

const selector = { app: 'web' };

/** Who answers the client pod; nothing when nobody does. */
async function ask(host: string): Promise<string> {
  const url = `http://${host}/cgi-bin/who`;
  const { stdout } = await kubectl.run(['exec', 'client', '--', 'wget', '-qO-', '-T', '1', url]);
  return stdout.trimEnd();
}

before(async () => {
  await cluster.start('--nodes', '1');
  await kubectl.apply(
    manifest(pod('web', { containers: [webServer] }), service('1st', { selector })),
  );
  await kubectl.apply(manifest(pod('client', { containers: [sleeper] })));
  await kubectl.wait('pod', 'condition=Ready', '--all');
});
after(() => cluster.close());

describe('a Service whose name begins with a digit (row 38)', () => {
  test('has a name in DNS and answers under it', async () => {
    await untilMatch(/ asked web$/, () => ask('1st.default.svc.cluster.local'));
  });

  test('is told to pods by variables', async () => {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', '1st');
    const variables = (await cluster.exec('client', 'cat', '/proc/1/environ')).split('\0');
    assert.ok(variables.includes(`1ST_SERVICE_HOST=${ip}`), variables.join('\n'));
  });

  test('has slices, and is not refused by describe', async () => {
    assert.match(await kubectl('describe', 'service', '1st'), /^Endpoints:\s+10\.244\.\S+:8080$/m);
  });
});

describe('a Service', () => {
  before(() => kubectl.apply(manifest(service('live', { selector }))).then(() => undefined));
  const patch = (spec: object): Promise<string> =>
    kubectl('patch', 'service', 'live', '--type=merge', '-p', JSON.stringify({ spec }));

  test('row 16: changes between an alias and an address, both ways', async () => {
    const name = 'live.default.svc.cluster.local';
    const externalName = '1st.default.svc.cluster.local';
    await patch({ type: 'ExternalName', externalName });
    assert.equal(await kubectl.read('{.spec.clusterIP}', 'service', 'live'), '');
    await untilMatch(/ asked web$/, () => ask(name));
    await patch({ type: 'NodePort', externalName: null });
    const path = '{.spec.clusterIP} {.spec.ports[0].nodePort}';
    const [ip = '', port = ''] = (await kubectl.read(path, 'service', 'live')).split(' ');
    await untilMatch(/ asked web$/, () => ask(ip));
    const curl = ['curl', '-sS', '-m', '5', `http://172.18.0.2:${port}/cgi-bin/who`];
    assert.match(await cluster.portolan('exec', 'outside', '--', ...curl), / asked web$/);
    await patch({ type: 'ExternalName', externalName });
    await untilMatch(/^$/, () => ask(ip));
    const { stderr } = await cluster.tryPortolan('exec', 'outside', '--', ...curl);
    assert.match(stderr, /refused|Could not connect|Failed to connect/i);
    await patch({ type: 'ClusterIP', externalName: null });
    await untilMatch(/ asked web$/, () => ask(name));
  });

  test('rows 17 and 18: is let go when it is labelled, and served again without the label', async () => {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'live');
    for (const label of ['headless', 'service-proxy-name']) {
      await kubectl('label', 'service', 'live', `service.kubernetes.io/${label}=other`);
      await untilMatch(/^$/, () => ask(ip));
      await kubectl('label', 'service', 'live', `service.kubernetes.io/${label}-`);
      await untilMatch(/ asked web$/, () => ask(ip));
    }
  });
});

describe('addresses (row 31)', () => {
  test('each is an object with its Service as parent, which comes back when it is deleted', async () => {
    const ip = await kubectl.read('{.spec.clusterIP}', 'service', 'kubernetes');
    const parent = (): Promise<string> =>
      kubectl.read('{.spec.parentRef.namespace}/{.spec.parentRef.name}', 'ipaddress', ip);
    await untilMatch(/^default\/kubernetes$/, parent);
    const uid = await kubectl.read('{.metadata.uid}', 'ipaddress', ip);
    await kubectl('delete', 'ipaddress', ip);
    await until('another of the name', async () => {
      const { code, stdout } = await kubectl.run([
        'get',
        'ip',
        ip,
        '-o',
        'jsonpath={.metadata.uid}',
      ]);
      return code === 0 && stdout !== uid ? true : undefined;
    });
    assert.equal(await parent(), 'default/kubernetes');
  });

  test('a ServiceCIDR is kept until no Service has an address of it', async () => {
    const range = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'more' },
      spec: { cidrs: ['10.200.0.0/24'] },
    };
    await kubectl.apply(manifest(range));
    await kubectl.wait('servicecidr/more', 'condition=Ready');
    await kubectl.apply(manifest(service('guest', { clusterIP: '10.200.0.7' })));
    await kubectl('delete', 'servicecidr', 'more', '--wait=false');
    await kubectl.wait('servicecidr/more', 'condition=Ready=false');
    const condition = '{.status.conditions[0].reason} {.metadata.finalizers[0]}';
    assert.equal(
      await kubectl.read(condition, 'servicecidr', 'more'),
      'Terminating networking.k8s.io/service-cidr-finalizer',
    );
    const refused = await kubectl.applyFails(
      manifest(service('late', { clusterIP: '10.200.0.8' })),
    );
    assert.match(refused, /spec\.clusterIPs?.*10\.200\.0\.8/);
    await kubectl('delete', 'service', 'guest');
    await kubectl.wait('servicecidr/more', 'delete');
  });
});
