import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { queryOf } from '../../dnswire/testing/messages.ts';
import type { DnsServing } from '../start-dns.ts';
import { askUdp } from '../testing/client.ts';
import { Lab } from '../testing/lab.ts';

const run = promisify(execFile);
const kubernetes = 'kubernetes cluster.local';

describe('a container of CoreDNS', () => {
  const lab = new Lab();
  const lines: string[] = [];
  let serving: DnsServing;

  before(async () => {
    await lab.namespace('default');
    await lab.service('web', '10.96.0.80');
    await lab.start();
    serving = await lab.container(lines);
  });
  after(() => lab.close());

  /** What a page says to another pod; nothing when nobody listens, or when it is no success. */
  async function get(port: number, path: string): Promise<string | undefined> {
    const [address] = lab.network.podB.addresses;
    const command = ['busybox', 'wget', '-qO-', `http://${address}:${port}${path}`];
    try {
      return (await run('nsenter', [`--net=${lab.network.podA.path}`, ...command])).stdout;
    } catch {
      return undefined;
    }
  }

  test('says at first what it is', () => {
    assert.equal(lines[0], '.:53');
    assert.match(lines[1] ?? '', /^Portolan DNS in the place of CoreDNS-1\.\d+\.\d+$/);
    assert.match(lines[2] ?? '', /^linux\/\w+, node v\d+/);
  });

  test('answers, and tells its metrics and its health', async () => {
    const [address] = lab.network.podB.addresses;
    const answer = await askUdp(lab.route(address), queryOf('web.default.svc.cluster.local.'));
    assert.equal(answer.answers.length, 1);
    assert.equal(await get(8080, '/health'), 'OK');
    assert.equal(await get(8181, '/ready'), 'OK');
    const metrics = (await get(9153, '/metrics')) ?? '';
    assert.match(metrics, /^# TYPE coredns_dns_request_duration_seconds histogram$/m);
    assert.match(metrics, /^coredns_dns_requests_total\{.*proto="udp",family="1",type="A"\} \d+$/m);
  });

  test('a second one in the same network finds its ports taken, and leaves nothing open', async () => {
    await assert.rejects(lab.container(), /EADDRINUSE/);
    assert.equal(await get(8080, '/health'), 'OK');
  });

  test('another configuration is told, and moves the pages', async () => {
    lines.length = 0;
    await lab.configure(
      `. {\n ${kubernetes}\n health :8090 {\n lameduck 300ms\n }\n ready\n reload 5s\n}`,
    );
    await lab.api.until('it is loaded', () => lines.includes('[INFO] Reloading complete'));
    assert.deepEqual(
      lines.map((line) => line.replace(/(no effect here because).*/, '$1')),
      [
        '[INFO] Reloading',
        '[WARNING] Corefile:7:9: 5s has no effect here because',
        '[INFO] Reloading complete',
      ],
    );
    assert.equal(await get(8090, '/health'), 'OK');
    assert.equal(await get(8080, '/health'), undefined);
    assert.equal(await get(9153, '/metrics'), undefined);
    assert.equal(await get(8181, '/ready'), 'OK');
  });

  test('one that cannot be read is told, and nothing else happens', async () => {
    lines.length = 0;
    await lab.configure('. {\n nonsense\n}');
    await lab.api.until('it is told', () => lines.length > 0);
    assert.deepEqual(lines, [
      '[ERROR] plugin/reload: the ConfigMap kube-system/coredns is not used: Corefile:2:2: unknown directive "nonsense"',
    ]);
    assert.equal(await get(8090, '/health'), 'OK');
  });

  test('errors and queries are in its log, not in the log of the daemon', async () => {
    lines.length = 0;
    await lab.configure(
      `. {\n ${kubernetes}\n errors\n log\n forward . 127.0.0.1:1\n health :8090 {\n lameduck 300ms\n }\n ready\n}`,
    );
    await lab.api.until('a failure is told', async () => {
      await askUdp(lab.route(), queryOf('gone.example.'));
      return lines.some((line) => line.startsWith('[ERROR] plugin/errors: 2 gone.example. A:'));
    });
    assert.ok(
      lines.some((line) => /^\[INFO\] 10\.244\..* "A IN gone\.example\. .*" SERVFAIL/.test(line)),
    );
    assert.deepEqual(lab.lines, []);
  });

  test('lameduck: it goes on for so long, but is not ready', async () => {
    lines.length = 0;
    const drained = serving.drain(30_000);
    assert.equal(await get(8181, '/ready'), undefined);
    assert.equal(await get(8090, '/health'), 'OK');
    const [address] = lab.network.podB.addresses;
    await askUdp(lab.route(address), queryOf('web.default.svc.cluster.local.'));
    await drained;
    assert.deepEqual(
      lines.filter((line) => !line.includes(' IN ')),
      [
        '[INFO] SIGTERM: Shutting down servers then terminating',
        '[INFO] plugin/health: Going into lameduck mode for 0.3s',
      ],
    );
  });

  test('a grace that is shorter than lameduck is not waited for', async () => {
    lines.length = 0;
    await serving.drain(100);
    assert.deepEqual(lines, ['[INFO] SIGTERM: Shutting down servers then terminating']);
  });

  test('closed, nobody listens', async () => {
    await serving.close();
    assert.equal(await get(8090, '/health'), undefined);
    await serving.close();
  });
});
