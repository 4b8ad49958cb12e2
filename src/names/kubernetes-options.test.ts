import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordText } from '../dnswire/index.ts';
import { asking, verdictText } from './testing/ask.ts';
import { cluster, corefile, table } from './testing/sample.ts';

test('aliases that go in a circle end', () => {
  const verdict = asking({ corefile: corefile(''), cluster })('A round.shop.svc.cluster.local.');
  assert.ok(verdict.action === 'answer');
  assert.equal(verdict.reply.rcode, 2);
  assert.equal(verdict.steps.at(-1)?.reason, 'ALIAS_LOOP');
});

describe('pods insecure', () => {
  table('pods insecure', [
    [
      'any address',
      'A 192-168-10-100.default.pod.cluster.local.',
      'NOERROR A 192.168.10.100 (POD_ADDRESS)',
    ],
    [
      'in a namespace that is there',
      'A 192-168-10-100.gone.pod.cluster.local.',
      'NXDOMAIN (NO_SUCH_NAMESPACE)',
    ],
    ['no address', 'A 192-168-10-300.default.pod.cluster.local.', 'NXDOMAIN (NO_SUCH_NAME)'],
  ]);
});

describe('pods disabled', () => {
  table('', [
    ['no pod', 'A 10-244-0-9.default.pod.cluster.local.', 'NXDOMAIN (POD_NAMES_DISABLED)'],
  ]);
});

describe('pods in the network of their node', () => {
  const pods = {
    'kube-system/proxy': { ips: ['172.18.0.2'], spec: { hostNetwork: true } },
    'kube-system/agent': { ips: ['172.18.0.2'], spec: { hostNetwork: true } },
    'default/client': { ips: ['10.244.0.9'] },
  };
  const namesIn = (mode: string) =>
    asking({ corefile: corefile(`pods ${mode}`), cluster: { ...cluster, pods } });
  const rows: readonly (readonly [mode: string, question: string, verdict: string])[] = [
    ['verified', '172-18-0-2.kube-system.pod', 'NOERROR A 172.18.0.2 (POD_ADDRESS)'],
    ['verified', '172-18-0-2.default.pod', 'NXDOMAIN (NO_SUCH_POD)'],
    ['verified', '172-18-0-3.kube-system.pod', 'NXDOMAIN (NO_SUCH_POD)'],
    ['verified', '10-244-0-9.default.pod', 'NOERROR A 10.244.0.9 (POD_ADDRESS)'],
    ['insecure', '172-18-0-3.kube-system.pod', 'NOERROR A 172.18.0.3 (POD_ADDRESS)'],
    ['disabled', '172-18-0-2.kube-system.pod', 'NXDOMAIN (POD_NAMES_DISABLED)'],
  ];
  for (const [mode, name, verdict] of rows) {
    test(`pods ${mode}: ${name}`, () => {
      const question = `A ${name}.cluster.local.`;
      assert.equal(verdictText(namesIn(mode)(question), question), verdict);
    });
  }
});

describe('options of the kubernetes directive', () => {
  table('noendpoints', [
    ['headless', 'A db.shop.svc.cluster.local.', 'NXDOMAIN (NO_READY_ENDPOINTS)'],
    ['an endpoint', 'A db-0.db.shop.svc.cluster.local.', 'NXDOMAIN (NO_SUCH_ENDPOINT)'],
    ['with an address', 'A web.default.svc.cluster.local.', 'NOERROR A 10.96.0.80 (CLUSTER_IP)'],
    [
      'no pointers',
      'PTR 5.1.244.10.in-addr.arpa.',
      'ask 192.0.2.53 5.1.244.10.in-addr.arpa. (FORWARDED)',
    ],
  ]);
  table('namespaces shop', [
    [
      'served',
      'A db.shop.svc.cluster.local.',
      'NOERROR A 10.244.1.5; A 10.244.2.6 (HEADLESS_ENDPOINTS)',
    ],
    ['not served', 'A web.default.svc.cluster.local.', 'NXDOMAIN (NAMESPACE_NOT_SERVED)'],
    [
      'nor its pointers',
      'PTR 80.0.96.10.in-addr.arpa.',
      'ask 192.0.2.53 80.0.96.10.in-addr.arpa. (FORWARDED)',
    ],
  ]);
  const zonal = '_zone.zoned.shop.svc.cluster.local.';
  table('zonal', [
    ['one zone', `A west-2a.pin.${zonal}`, 'NOERROR A 10.244.1.1 (HEADLESS_ENDPOINTS)'],
    ['a zone with dots', `A a.example.pin.${zonal}`, 'NOERROR A 10.244.1.2 (HEADLESS_ENDPOINTS)'],
    ['no endpoint in it', `A east.pin.${zonal}`, 'NOERROR (NO_READY_ENDPOINTS)'],
    ['preferred', `A west-2a.prefer.${zonal}`, 'NOERROR A 10.244.1.1 (HEADLESS_ENDPOINTS)'],
    [
      'preferred in vain',
      `A east.prefer.${zonal}`,
      'NOERROR A 10.244.1.1; A 10.244.1.2; A 10.244.1.3 (HEADLESS_ENDPOINTS)',
    ],
    [
      'its ports',
      `SRV west-2a.pin.${zonal}`,
      'NOERROR SRV 0 100 80 10-244-1-1.zoned.shop.svc.cluster.local. (SERVICE_PORT)',
    ],
    ['above zones', `A pin.${zonal}`, 'NOERROR (EMPTY_NON_TERMINAL)'],
    ['another word', `A west-2a.avoid.${zonal}`, 'NXDOMAIN (NO_SUCH_NAME)'],
    [
      'of a Service with an address',
      'A west-2a.pin._zone.web.default.svc.cluster.local.',
      'NXDOMAIN (NO_SUCH_NAME)',
    ],
  ]);
  table('', [['without the option', `A west-2a.pin.${zonal}`, 'NXDOMAIN (NO_SUCH_NAME)']]);
  table('endpoint_pod_names', [
    ['by pod', 'A db-x.db.shop.svc.cluster.local.', 'NOERROR A 10.244.2.6 (ENDPOINT)'],
    ['host names first', 'A db-0.db.shop.svc.cluster.local.', 'NOERROR A 10.244.1.5 (ENDPOINT)'],
  ]);
  table('ignore empty_service', [
    ['empty', 'A idle.default.svc.cluster.local.', 'NXDOMAIN (NO_READY_ENDPOINTS)'],
    ['not empty', 'A web.default.svc.cluster.local.', 'NOERROR A 10.96.0.80 (CLUSTER_IP)'],
  ]);
  table('labels tier=front', [
    ['unlabelled', 'A web.default.svc.cluster.local.', 'NXDOMAIN (SERVICE_NOT_SERVED)'],
  ]);
  table('namespace_labels dns=yes', [
    ['unlabelled', 'A web.default.svc.cluster.local.', 'NXDOMAIN (NAMESPACE_NOT_SERVED)'],
  ]);
});

describe('the sections around an answer', () => {
  const ask = asking({ corefile: corefile('pods verified'), cluster });

  test('a denial has the SOA, its zone in the case of the question', () => {
    const verdict = ask('A gone.default.svc.CLUSTER.local.');
    assert.ok(verdict.action === 'answer');
    assert.deepEqual(verdict.reply.authorities.map(recordText), [
      'CLUSTER.local. 30 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 7200 1800 86400 30',
    ]);
    assert.equal(verdict.reply.isAuthoritative, true);
  });

  test('SRV answers have the addresses of their targets beside them', () => {
    const verdict = ask('SRV _sql._tcp.db.shop.svc.cluster.local.');
    assert.ok(verdict.action === 'answer');
    assert.deepEqual(verdict.reply.additionals.map(recordText).toSorted(), [
      '10-244-2-6.db.shop.svc.cluster.local. 30 IN A 10.244.2.6',
      'db-0.db.shop.svc.cluster.local. 30 IN A 10.244.1.5',
      'db-0.db.shop.svc.cluster.local. 30 IN AAAA fd00:10:244:1::5',
    ]);
  });

  test('a verdict names the object that decided', () => {
    assert.deepEqual(ask('A web.default.svc.cluster.local.').steps.at(-1), {
      responder: 'kubernetes',
      name: 'web.default.svc.cluster.local.',
      reason: 'CLUSTER_IP',
      object: 'Service default/web',
    });
  });

  test('before the first synchronisation nothing is denied', () => {
    const unsynced = asking({ corefile: corefile(''), cluster, world: { isSynced: false } });
    const question = 'A gone.default.svc.cluster.local.';
    assert.equal(verdictText(unsynced(question), question), 'SERVFAIL (NOT_SYNCED)');
  });
});
