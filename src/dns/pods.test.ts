import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Lab, SERVICE_IP } from './testing/lab.ts';

const run = promisify(execFile);

describe('what people do', () => {
  const lab = new Lab();
  let resolvConf: string;

  before(async () => {
    await lab.namespace('default');
    await lab.service('nginx-app', '10.96.12.34');
    await lab.start();
    const { podA } = lab.network;
    await lab.pod(
      { metadata: { name: 'testpod', namespace: 'default', uid: 'a' } },
      podA.addresses[0],
    );
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
});
