import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventKind } from '../kube/index.ts';
import { rcodes, recordTypes } from '../dnswire/index.ts';
import { addressRecord, queryOf } from '../dnswire/testing/messages.ts';
import { askUdp } from './testing/client.ts';
import { answersOf, Lab, SERVICE_IP } from './testing/lab.ts';
import { startUpstream, type FakeUpstream } from './testing/upstream.ts';

const cluster = 'kubernetes cluster.local in-addr.arpa ip6.arpa {\n pods insecure\n }';

describe('the ConfigMap coredns', () => {
  const lab = new Lab();
  let stub: FakeUpstream;

  before(async () => {
    stub = await startUpstream((name) => ({ answers: [addressRecord(name, '192.0.2.7', 60)] }));
    await lab.namespace('default');
    await lab.service('web', '10.96.0.80');
    await lab.start();
  });

  after(async () => {
    await lab.close();
    await stub.close();
  });

  async function rcodeOf(name: string): Promise<number> {
    return (await askUdp(lab.route(), queryOf(name))).rcode;
  }

  test('is applied live', async () => {
    assert.equal(await rcodeOf('10-1-2-3.default.pod.cluster.local.'), rcodes.NXDOMAIN);
    await lab.configure(`. {\n${cluster}\n}`);
    await lab.api.until(
      'pods are named by any address',
      async () => (await rcodeOf('10-1-2-3.default.pod.cluster.local.')) === rcodes.NOERROR,
    );
  });

  test('stub domains have upstreams of their own', async () => {
    await lab.configure(`. {\n${cluster}\n}\ncorp.example {\n forward . ${stub.text}\n}`);
    await lab.api.until('it is forwarded', async () => {
      return (await rcodeOf('db.corp.example.')) === rcodes.NOERROR;
    });
    const answer = await askUdp(lab.route(), queryOf('db.corp.example.'));
    assert.deepEqual(answersOf(answer), ['db.corp.example. 60 IN A 192.0.2.7']);
    assert.equal(await rcodeOf('elsewhere.example.'), rcodes.REFUSED);
  });

  test('that cannot be read is told with line and column, and the old one stays', async () => {
    await lab.configure(`. {\n${cluster}\n  template IN A\n}`);
    await lab.api.until('the log says so', () =>
      lab.lines.some((line) => line.includes('Corefile:5:3: unknown directive "template"')),
    );
    assert.equal(await rcodeOf('10-1-2-3.default.pod.cluster.local.'), rcodes.NOERROR);
    assert.match(lab.dns.metricsText(), /^coredns_reload_failed_total 1$/m);
    const { items } = await lab.api.client.list(eventKind);
    assert.deepEqual(
      items.map(({ reason }) => reason),
      ['InvalidCorefile'],
    );
  });

  test('log writes a line for each answer that it asks for', async () => {
    await lab.configure(`. {\n log {\n class denial\n }\n${cluster}\n}`);
    await lab.api.until('a denial is logged', async () => {
      await rcodeOf('gone.default.svc.cluster.local.');
      return lab.lines.some((line) => line.includes('NXDOMAIN'));
    });
    const line = lab.lines.find((one) => one.includes('NXDOMAIN')) ?? '';
    assert.match(
      line,
      /^\[INFO\] 10\.244\.0\.2:\d+ - 1 "A IN gone\.default\.svc\.cluster\.local\. udp 48 false 512" NXDOMAIN qr,aa,rd \d+ 0\.\d{9}s$/,
    );
    assert.ok(!lab.lines.some((one) => one.includes('NOERROR')));
  });

  test('loadbalance changes the order of addresses', async () => {
    await lab.configure(
      '. {\n hosts {\n 192.0.2.1 many.example\n 192.0.2.2 many.example\n }\n loadbalance\n}',
    );
    await lab.api.until('the hosts are served', async () => {
      return (await rcodeOf('many.example.')) === rcodes.NOERROR;
    });
    const firsts = new Set<string>();
    for (let turn = 0; turn < 4; turn += 1) {
      const answer = await askUdp(lab.route(), queryOf('many.example.', recordTypes.A));
      firsts.add(answersOf(answer)[0] ?? '');
    }
    assert.equal(firsts.size, 2);
  });
});

test('a machine whose resolver is the cluster itself is told so, and served', async () => {
  const lab = new Lab();
  try {
    await lab.namespace('default');
    await lab.start([SERVICE_IP]);
    assert.deepEqual(lab.lines, [
      'dns: 10.96.0.10:53 is this server itself: nothing is forwarded to it',
    ]);
    assert.equal((await askUdp(lab.route(), queryOf('a.example.'))).rcode, rcodes.SERVFAIL);
  } finally {
    await lab.close();
  }
});
