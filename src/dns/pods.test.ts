import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { podKind } from '../kube/index.ts';
import { queryOf } from '../dnswire/testing/messages.ts';
import { askUdp } from './testing/client.ts';
import { Lab, SERVICE_IP } from './testing/lab.ts';

const run = promisify(execFile);

describe('what people do', () => {
  const lab = new Lab();
  let resolvConf: string;

  before(async () => {
    await lab.namespace('default');
    await lab.service('nginx-app', '10.96.12.34');
    await lab.start();
    const { podA, podB } = lab.network;
    await lab.pod(
      { metadata: { name: 'testpod', namespace: 'default', uid: 'a' } },
      podA.addresses[0],
    );
    const labels = { 'k8s-app': 'kube-dns' };
    const metadata = { name: 'coredns-1', namespace: 'kube-system', uid: 'b', labels };
    await lab.pod({ metadata }, podB.addresses[0]);
    resolvConf = join(lab.network.test.directory, 'resolv.conf');
    writeFileSync(
      resolvConf,
      `search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${SERVICE_IP}\noptions ndots:5\n`,
    );
  });
  after(() => lab.close());

  /** Runs a command in the first pod's network, with its resolv.conf. */
  async function inPod(command: string): Promise<string> {
    const script = `mount --bind ${resolvConf} /etc/resolv.conf && exec ${command}`;
    const net = `--net=${lab.network.podA.path}`;
    const { stdout } = await run('nsenter', [net, 'unshare', '-m', 'sh', '-c', script]);
    return stdout;
  }

  test('kubectl exec testpod -- nslookup nginx-app', async () => {
    const output = await inPod('busybox nslookup nginx-app.default.svc.cluster.local');
    assert.match(output, /^Server:\s+10\.96\.0\.10$/m);
    assert.match(output, /^Name:\s+nginx-app\.default\.svc\.cluster\.local$/m);
    assert.match(output, /^Address:\s+10\.96\.12\.34$/m);
  });

  test('the C library completes short names', async () => {
    for (const name of ['nginx-app', 'nginx-app.default', 'nginx-app.default.svc']) {
      assert.match(
        await inPod(`getent hosts ${name}`),
        /^10\.96\.12\.34\s+nginx-app\.default\.svc\.cluster\.local/,
      );
    }
  });

  test('and finds names by address', async () => {
    assert.match(
      await inPod('getent hosts 10.96.12.34'),
      /nginx-app\.default\.svc\.cluster\.local/,
    );
  });

  test('the pod of coredns answers, and tells its metrics and its health', async () => {
    const { podB } = lab.network;
    const [address] = podB.addresses;
    await lab.api.until('the pod listens', async () => {
      try {
        return (await inPod(`busybox wget -qO- http://${address}:8181/ready`)) === 'OK';
      } catch {
        return false;
      }
    });
    const answer = await askUdp(
      lab.route(address),
      queryOf('nginx-app.default.svc.cluster.local.'),
    );
    assert.equal(answer.answers.length, 1);
    assert.equal(await inPod(`busybox wget -qO- http://${address}:8080/health`), 'OK');
    const metrics = await inPod(`busybox wget -qO- http://${address}:9153/metrics`);
    assert.match(metrics, /^# TYPE coredns_dns_request_duration_seconds histogram$/m);
    assert.match(metrics, /^coredns_dns_requests_total\{.*proto="udp",family="1",type="A"\} \d+$/m);
  });

  test('it goes with its pod', async () => {
    await lab.api.client.delete(podKind, { namespace: 'kube-system', name: 'coredns-1' });
    const [address] = lab.network.podB.addresses;
    await lab.api.until('nobody listens', async () => {
      try {
        await inPod(`busybox wget -qO- http://${address}:8181/ready`);
        return false;
      } catch {
        return true;
      }
    });
  });
});
