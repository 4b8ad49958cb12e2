// Network policies as the API has them: every form of them, the cluster's own, and networks that enforce none.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  firstNetworkPolicyBody,
  firstNetworkPolicyPath,
} from '../../src/apiserver/testing/first-network-policy.ts';
import { TestCluster, until } from './harness.ts';
import { manifest, pod, sleeper } from './manifests.ts';

const namespace = 'tenant-a';
const inNamespace = ['-n', namespace];

const backend = {
  script: 'echo welcome > /tmp/index.html; exec httpd -f -p 80 -h /tmp',
  ports: [{ containerPort: 80 }],
};

/** What courses call a policy on the pods of {@link backend}, in the three forms that there were. */
const spec = {
  podSelector: { matchLabels: { segment: 'backend' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { segment: 'frontend' } } }] }],
};
const policy = (apiVersion: string): string =>
  JSON.stringify({
    apiVersion,
    kind: 'NetworkPolicy',
    metadata: { name: 'pol1', namespace },
    spec,
  });

/** A cluster with a backend, a frontend and a stranger in {@link namespace}. */
class Tenant extends TestCluster {
  #address = '';

  async open(...args: string[]): Promise<void> {
    await this.start(...args);
    await this.kubectl('create', 'namespace', namespace);
    const pods = manifest(
      pod('backend', { labels: { segment: 'backend' }, containers: [backend] }),
      pod('frontend', { labels: { segment: 'frontend' }, containers: [sleeper] }),
      pod('stranger', { containers: [sleeper] }),
    );
    await this.kubectl.fed(pods, 'apply', ...inNamespace, '-f', '-');
    await this.kubectl.wait('pod', 'condition=Ready', ...inNamespace, '--all');
    this.#address = await this.kubectl.read('{.status.podIP}', 'pod', 'backend', ...inNamespace);
    await this.reaches('stranger', true);
  }

  /** Waits until a pod reaches the backend, or no longer does. */
  async reaches(from: string, expected: boolean): Promise<void> {
    const command = ['wget', '-qO-', '-T', '1', `http://${this.#address}/`];
    await until(`${from} ${expected ? 'reaches' : 'misses'} the backend`, async () => {
      const { code } = await this.kubectl.run(['exec', ...inNamespace, from, '--', ...command]);
      return (code === 0) === expected ? true : undefined;
    });
  }

  /** What kubectl says on both streams. */
  async said(args: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl.run(args, { input });
    assert.equal(code, 0, stderr);
    return stderr + stdout;
  }
}

describe('policies that are enforced', () => {
  const cluster = new Tenant();
  const { kubectl } = cluster;
  before(() => cluster.open());
  after(() => cluster.close());

  test('the first form, posted as the course prints it', async () => {
    const file = join(cluster.home, 'pol1.json');
    writeFileSync(file, JSON.stringify(firstNetworkPolicyBody));
    assert.match(
      await cluster.said(['create', '--raw', firstNetworkPolicyPath, '-f', file]),
      /^Warning: .* stored as networkpolicy\.networking\.k8s\.io\/pol1; /,
    );
    await cluster.reaches('stranger', false);
    await cluster.reaches('frontend', true);
    assert.match(
      await kubectl('describe', 'networkpolicy', ...inNamespace),
      /^ {2}PodSelector: +segment=backend\n {2}Allowing ingress traffic:\n {4}To Port: 80\/TCP\n {4}From:\n {6}PodSelector: segment=frontend\n {2}Not affecting egress traffic\n {2}Policy Types: Ingress$/m,
    );
    await kubectl('delete', '--raw', `${firstNetworkPolicyPath}pol1`);
    await cluster.reaches('stranger', true);
  });

  for (const apiVersion of ['extensions/v1beta1', 'networking.k8s.io/v1']) {
    test(apiVersion, async () => {
      await kubectl.apply(policy(apiVersion));
      await cluster.reaches('stranger', false);
      await cluster.reaches('frontend', true);
      assert.match(
        await kubectl('get', 'netpol', ...inNamespace),
        /^pol1 +segment=backend +\d+s$/m,
      );
      await kubectl('delete', 'networkpolicy', 'pol1', ...inNamespace);
      await cluster.reaches('stranger', true);
    });
  }

  test('warnings of what will not work as it reads', async () => {
    const object = JSON.parse(policy('networking.k8s.io/v1')) as object;
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ podSelector: { matchLabels: { segment: 'backnd' } } }, /selects no pod/],
      [{ ...spec, ingress: [{ ports: [{ port: 'htpp' }] }] }, /names port TCP htpp/],
      [{ ...spec, policyTypes: ['Egress'] }, /does not admit UDP 53 to cluster DNS/],
      [
        { ...spec, ingress: [{ from: [{ podSelector: { matchLabels: { segment: 'x' } } }] }] },
        /matches no pod/,
      ],
    ];
    for (const [odd, warning] of cases) {
      const input = JSON.stringify({ ...object, spec: odd });
      const said = await cluster.said(['apply', '--dry-run=server', '-f', '-'], input);
      assert.match(said, new RegExp(`^Warning: NetworkPolicy .*${warning.source}`, 'm'));
    }
    assert.equal(await kubectl('get', 'netpol', ...inNamespace, '-o', 'name'), '');
  });

  test('no warning where all is well', async () => {
    const apply = ['apply', '-f', '-'];
    assert.doesNotMatch(await cluster.said(apply, policy('networking.k8s.io/v1')), /Warning/);
    await kubectl('delete', 'networkpolicy', 'pol1', ...inNamespace);
  });
});

test('a network without policies says so to whoever writes one', async (context) => {
  const cluster = new Tenant();
  context.after(() => cluster.close());
  await cluster.open('--cni', 'bridge');
  assert.match(
    await cluster.said(['apply', '-f', '-'], policy('networking.k8s.io/v1')),
    /^Warning: policies are not enforced on the network of this cluster: NetworkPolicy tenant-a\/pol1 is stored, .* --cni portolan/,
  );
  await cluster.reaches('stranger', true);
});
