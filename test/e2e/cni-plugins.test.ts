// The network as CNI plugins make it: the CNI project's, and Portolan's own as a plugin.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bridge, noPlugins, plugins, reaches, writeList } from './cni-course.ts';
import { TestCluster, until } from './harness.ts';
import { manifest, pod, sleeper, webServer } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
after(() => cluster.close());

describe('--cni FILE', { skip: noPlugins }, () => {
  const path = join(cluster.home, 'course.conflist');
  const state = (node: string): string =>
    join(cluster.home, 'clusters', 'file', 'cni', 'nodes', node, 'networks', 'course');
  const leases = (): string[] =>
    ['node1', 'node2']
      .flatMap((node) => (existsSync(state(node)) ? readdirSync(state(node)) : []))
      .filter((name) => name.startsWith('10.'));

  before(async () => {
    cluster.env['CNI_PATH'] = plugins;
    writeList(
      path,
      bridge,
      { type: 'portmap', capabilities: { portMappings: true } },
      { type: 'loopback' },
    );
    const said = await cluster.start('--name', 'file', '--nodes', '2', '--cni', path);
    assert.ok(said.includes(`--cni ${path}: its plugins make the pods' network`), said);
    const ports = [{ name: 'http', containerPort: 8080, hostPort: 18080 }];
    const service = (name: string): object => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await kubectl.apply(
      manifest(
        pod('near', { containers: [{ ...webServer, ports }], nodeName: 'node1' }),
        pod('far', { containers: [webServer], nodeName: 'node2' }),
        pod('client', { containers: [sleeper], nodeName: 'node1' }),
        service('near'),
        service('far'),
      ),
    );
    for (const name of ['near', 'far', 'client'])
      await kubectl.wait(`pod/${name}`, 'condition=Ready');
  });
  after(() => cluster.portolan('delete', '--name', 'file'));

  test('pods are behind the bridge of their node, with its addresses', async () => {
    assert.match(
      await cluster.exec('client', 'ip', 'route'),
      /^default via 10\.244\.0\.1 dev eth0/,
    );
    const inside = await kubectl.read('{.status.podIP}', 'pod', 'near');
    assert.match(inside, /^10\.244\.0\.\d+$/);
    const links = await cluster.portolan('exec', '--name', 'file', 'node1', 'ip', '-o', 'link');
    assert.match(links, /: cni0: /);
  });

  test('pods reach pods of both nodes, Services, themselves by Service, and DNS', async () => {
    for (const name of ['near', 'far']) {
      const address = await kubectl.read('{.status.podIP}', 'pod', name);
      await reaches(kubectl, 'client', `http://${address}:8080/`, new RegExp(`page of ${name}`));
      await reaches(kubectl, 'client', `http://${name}/`, new RegExp(`page of ${name}`));
    }
    // Its own name alone is its own address, by /etc/hosts.
    await reaches(kubectl, 'near', 'http://near.default/', /page of near/);
  });

  test('a host port is open on the node, and nobody says that it is not', async () => {
    await reaches(kubectl, 'far', 'http://172.18.0.2:18080/', /page of near/);
    assert.doesNotMatch(await kubectl('describe', 'pod', 'near'), /HostPortNotSupported/);
  });

  test('a killed daemon takes the pods over, and addresses come back with deleted pods', async () => {
    const { pid } = JSON.parse(
      await cluster.portolan('status', '--name', 'file', '-o', 'json'),
    ) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await cluster.start('--name', 'file');
    await reaches(kubectl, 'client', 'http://near/', /page of near/);
    const before = leases().length;
    await kubectl('delete', 'pod', 'near', '--wait=true');
    await until('the address', () => (leases().length < before ? true : undefined));
  });

  test('stopped and started, pods get their network anew; another network leaves nothing of it', async () => {
    await cluster.portolan('stop', '--name', 'file');
    await cluster.start('--name', 'file');
    await kubectl.wait('pod/client', 'condition=Ready');
    await reaches(kubectl, 'client', 'http://far/', /page of far/);
    await cluster.portolan('stop', '--name', 'file');
    assert.match(
      await cluster.start('--name', 'file', '--cni', 'flannel'),
      /^--cni flannel: Portolan's own network without policies stands for flannel; NetworkPolicies are accepted, not enforced$/m,
    );
    await reaches(kubectl, 'client', 'http://far/', /page of far/);
    assert.deepEqual(leases(), []);
  });
});

describe('Portolan’s own plugin', () => {
  const path = join(cluster.home, 'own.conflist');
  before(async () => {
    const list = {
      cniVersion: '1.1.0',
      name: 'chart',
      plugins: [
        {
          type: 'portolan-cni',
          ipam: { ranges: [[{ subnet: '{{.PodCIDR}}' }], [{ subnet: '{{.PodCIDR6}}' }]] },
        },
      ],
    };
    writeFileSync(path, JSON.stringify(list));
    await cluster.start('--name', 'own', '--nodes', '2', '--cni', path);
  });
  after(() => cluster.portolan('delete', '--name', 'own'));

  test('wires the pods of a cluster too, in both families', async () => {
    await kubectl.apply(
      manifest(
        pod('web', { containers: [webServer], nodeName: 'node2' }),
        pod('client', { containers: [sleeper], nodeName: 'node1' }),
      ),
    );
    await kubectl.wait('pod/web', 'condition=Ready');
    await kubectl.wait('pod/client', 'condition=Ready');
    const ips = (await kubectl.read('{.status.podIPs[*].ip}', 'pod', 'web')).split(' ');
    assert.equal(ips.length, 2);
    for (const ip of ips) {
      const host = ip.includes(':') ? `[${ip}]` : ip;
      await reaches(kubectl, 'client', `http://${host}:8080/`);
    }
  });
});
