// Cluster DNS as its users configure it: the ConfigMap `coredns`, the log of its pod, its metrics.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rcodes } from '../../src/dnswire/index.ts';
import { addressRecord } from '../../src/dnswire/testing/messages.ts';
import { startUpstream, type FakeUpstream } from '../../src/dns/testing/upstream.ts';
import { TestCluster, untilMatch } from './harness.ts';
import { manifest, pod, sleeper } from './manifests.ts';

const cluster = new TestCluster();
const { kubectl } = cluster;
const system = ['-n', 'kube-system'] as const;

const kubernetes = `kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods verified
    fallthrough in-addr.arpa ip6.arpa
  }`;

/** A Corefile of one block, as short as one that people would try. */
function corefile(...lines: string[]): string {
  const rest = ['errors', 'log', 'health', 'ready', 'prometheus :9153', kubernetes, ...lines];
  return `.:53 {\n  ${rest.join('\n  ')}\n}\n`;
}

async function configure(text: string): Promise<void> {
  const patch = JSON.stringify({ data: { Corefile: text } });
  await kubectl('patch', 'configmap', 'coredns', ...system, '--type=merge', '-p', patch);
}

/** What a pod's nslookup prints, on either stream and whatever it thinks of it. */
async function lookup(name: string): Promise<string> {
  const args = ['exec', 'client', '--', 'nslookup', '-type=a', name];
  const { stdout, stderr } = await kubectl.run(args);
  return stdout + stderr;
}

function log(): Promise<string> {
  return kubectl('logs', ...system, 'deployment/coredns');
}

let upstream: FakeUpstream;

before(async () => {
  upstream = await startUpstream((name) =>
    name.endsWith('corp.example.')
      ? { answers: [addressRecord(name, '192.0.2.7', 60)] }
      : { rcode: rcodes.NXDOMAIN },
  );
  await cluster.start('--nodes', '2');
  await kubectl.apply(
    manifest(
      pod('client', { containers: [sleeper] }),
      pod('on-node', { containers: [sleeper], hostNetwork: true }),
    ),
  );
  await Promise.all(
    ['client', 'on-node'].map((name) => kubectl.wait(`pod/${name}`, 'condition=Ready')),
  );
  await cluster.ready('k8s-app=kube-dns', 'kube-system');
});
after(async () => {
  await cluster.close();
  await upstream.close();
});

test('its pod looks as users know it', async () => {
  assert.match(await log(), /^\.:53\nPortolan DNS in the place of CoreDNS-1\.\d+\.\d+\n/);
});

test('kubectl edit configmap adds a stub domain, and the log tells of it', async () => {
  const stub = `corp.example:53 {\\n  forward . ${upstream.text}\\n}`;
  const KUBE_EDITOR = `sed -i 's/^  Corefile: |$/&\\n    ${stub.replaceAll('\\n', '\\n    ')}/'`;
  const { stdout } = await kubectl.run(['edit', 'configmap', 'coredns', ...system], {
    env: { KUBE_EDITOR },
  });
  assert.match(stdout, /configmap\/coredns edited/);
  await untilMatch(/\[INFO\] Reloading\n(.*\n)*\[INFO\] Reloading complete/, log);
  assert.match(await lookup('db.corp.example'), /Name:\s+db\.corp\.example\nAddress: 192\.0\.2\.7/);
});

describe('directives', () => {
  const rows: readonly (readonly [what: string, lines: string, name: string, answer: RegExp])[] = [
    [
      'rewrite name',
      'rewrite name exact old.example kubernetes.default.svc.cluster.local',
      'old.example',
      /Name:\s+old\.example\nAddress: 10\.96\.0\.1\n/,
    ],
    [
      'hosts',
      'hosts {\n    192.0.2.9 printer.office\n    fallthrough\n  }',
      'printer.office',
      /Name:\s+printer\.office\nAddress: 192\.0\.2\.9\n/,
    ],
    ['forward to nobody', 'forward . 127.0.0.1:1', 'example.com', /example\.com: SERVFAIL/],
    [
      'forward to the stub resolver',
      'forward . 127.0.0.53:1',
      'example.com',
      /example\.com: SERVFAIL/,
    ],
    ['forward to itself', 'forward . 10.96.0.10', 'example.com', /example\.com: SERVFAIL/],
  ];
  for (const [what, lines, name, answer] of rows) {
    test(what, async () => {
      await configure(corefile(lines));
      await untilMatch(answer, () => lookup(name));
    });
  }

  test('what fails upstream is in the log of the pod', async () => {
    assert.match(await log(), /^\[ERROR\] plugin\/errors: 2 example\.com\. A: no upstream is up$/m);
  });

  test('and so are queries', async () => {
    const line =
      /^\[INFO\] 10\.244\.\d+\.\d+:\d+ - \d+ "A IN example\.com\. udp \d+ false 512" SERVFAIL /m;
    assert.match(await log(), line);
  });

  test('no question goes round: nobody but the pod asked', async () => {
    const ip = await kubectl.read('{.status.podIP}', 'pod', 'client');
    const sources = [...(await log()).matchAll(/^\[INFO\] (\S+):\d+ - \d+ "A IN example/gm)];
    assert.deepEqual(new Set(sources.map(([, source]) => source)), new Set([ip]));
  });
});

describe('names of pods', () => {
  let ip: string;
  let name: string;
  before(async () => {
    ip = await kubectl.read('{.status.podIP}', 'pod', 'on-node');
    name = `${ip.replaceAll('.', '-')}.default.pod.cluster.local`;
  });

  test("verified: a pod in its node's network has one, too", async () => {
    await configure(corefile());
    await untilMatch(new RegExp(`Name:\\s+${name}\\nAddress: ${ip}\\n`), () => lookup(name));
    assert.match(await lookup('192-0-2-1.default.pod.cluster.local'), /NXDOMAIN/);
  });

  test('disabled: none has', async () => {
    await configure(corefile().replace('pods verified', 'pods disabled'));
    await untilMatch(/NXDOMAIN/, () => lookup(name));
  });
});

test('a broken Corefile is told as an Event, and the old one goes on', async () => {
  await configure(corefile('hosts {\n    192.0.2.9 printer.office\n  }'));
  await untilMatch(/Address: 192\.0\.2\.9/, () => lookup('printer.office'));
  await configure(corefile('template IN A'));
  const events = (): Promise<string> =>
    kubectl('get', 'events', ...system, '--field-selector', 'reason=InvalidCorefile');
  await untilMatch(
    /Warning +InvalidCorefile +configmap\/coredns +Corefile:11:3: unknown directive "template"/,
    events,
  );
  assert.match(await log(), /^\[ERROR\] plugin\/reload: .* Corefile:11:3: unknown directive/m);
  assert.match(await lookup('printer.office'), /Address: 192\.0\.2\.9/);
});

test('an option without effect is told as an Event', async () => {
  await configure(corefile('reload 10s'));
  const events = (): Promise<string> => kubectl('get', 'events', ...system);
  await untilMatch(/OptionsWithoutEffect .*Corefile:11:10: 10s has no effect here because/, events);
});

describe('pages over HTTP', () => {
  const get = (url: string): Promise<string> =>
    cluster.exec('client', 'wget', '-qO-', '-T', '5', url);
  let ip: string;
  before(async () => {
    const path = '{.items[0].status.podIP}';
    ip = await kubectl.read(path, 'pod', ...system, '-l', 'k8s-app=kube-dns');
  });

  test('metrics, at the Service and at the pod', async () => {
    for (const host of ['10.96.0.10', ip]) {
      const text = await get(`http://${host}:9153/metrics`);
      assert.match(text, /^coredns_dns_requests_total\{.*type="A"\} \d+$/m);
      assert.match(text, /^coredns_reload_failed_total 1$/m);
    }
  });

  test('move to other ports when the Corefile says so', async () => {
    const moved = corefile().replace(':9153', ':9253').replace('health', 'health :8090');
    await configure(moved);
    await untilMatch(/^OK$/, () => get(`http://${ip}:8090/health`).catch(() => ''));
    assert.match(await get(`http://${ip}:9253/metrics`), /^coredns_/m);
    const args = ['exec', 'client', '--', 'wget', '-qO-', '-T', '5', `http://${ip}:9153/metrics`];
    assert.notEqual((await kubectl.run(args)).code, 0);
  });
});

test('a pod that ends says so, and answers as long as lameduck wants', async () => {
  await configure(corefile().replace('health', 'health {\n    lameduck 1s\n  }'));
  await untilMatch(/Reloading complete\n$/, async () => `${await log()}\n`);
  const job = kubectl.job('logs', '-f', ...system, 'deployment/coredns');
  await kubectl('rollout', 'restart', ...system, 'deployment/coredns');
  await job.printed(/SIGTERM: Shutting down servers then terminating/);
  await job.printed(/plugin\/health: Going into lameduck mode for 1s/);
  assert.match(await lookup('kubernetes.default.svc.cluster.local'), /Address: 10\.96\.0\.1/);
  await kubectl('rollout', 'status', ...system, 'deployment/coredns', '--timeout=60s');
  await untilMatch(/^\.:53\nPortolan DNS/, log);
});

test('a cluster that comes back serves names under the Corefile that it had', async () => {
  await cluster.portolan('stop');
  await cluster.start();
  await kubectl.wait('pod/client', 'condition=Ready');
  await untilMatch(/Address: 10\.96\.0\.1/, () => lookup('kubernetes.default.svc.cluster.local'));
  await untilMatch(/"A IN kubernetes\.default/, log);
});
