// The record schema 1.1.0 (github.com/kubernetes/dns docs/specification.md), section by section, in one small cluster with
// Services of two ports and endpoints of two families.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asking, verdictText } from './testing/ask.ts';
import type { ClusterSketch } from './testing/cluster.ts';
import { corefile, type Row } from './testing/sample.ts';

const ports = [
  { name: 'http', protocol: 'TCP', port: 80 },
  { name: 'Admin', protocol: 'TCP', port: 8080 },
  { name: 'events', protocol: 'SCTP', port: 9000 },
] as const;

const cluster: ClusterSketch = {
  services: {
    'ns/dual': { clusterIPs: ['10.96.1.1', 'fd00:10:96::11'], ports: [...ports] },
    'ns/six': { clusterIPs: ['fd00:10:96::12'], ports: [{ name: '', port: 80 }] },
    'ns/set': {
      clusterIP: 'None',
      ports: [ports[0], ports[2]],
      endpoints: [
        { addresses: ['10.244.1.1'], hostname: 'set-0' },
        { addresses: ['fd00:10:244::1'], hostname: 'set-0' },
        { addresses: ['10.244.1.2'], hostname: 'set-1' },
        { addresses: ['10.244.1.3'], hostname: 'set-2', conditions: { ready: false } },
      ],
    },
    'ns/unnamed': {
      clusterIP: 'None',
      ports: [{ port: 80 }],
      endpoints: [{ addresses: ['10.244.1.2'], hostname: 'set-1' }],
    },
    'ns/early': {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      endpoints: [{ addresses: ['10.244.1.4'], hostname: 'early-0', conditions: { ready: false } }],
    },
    'ns/twice': {
      clusterIP: 'None',
      ports: [ports[0]],
      endpoints: [
        { addresses: ['10.244.1.5'], hostname: 'one' },
        { addresses: ['10.244.1.5'], hostname: 'one' },
      ],
    },
    'ns/shared': {
      clusterIP: 'None',
      ports: [ports[0]],
      endpoints: [
        { addresses: ['10.244.1.6'], hostname: 'same' },
        { addresses: ['10.244.1.7'], hostname: 'same' },
      ],
    },
    'ns/named': {
      clusterIP: '10.96.1.3',
      ports: [ports[0]],
      endpoints: [{ addresses: ['10.244.1.8'] }],
    },
    'ns/away': { type: 'ExternalName', externalName: 'Away.Example.COM' },
    'ns/slash': { type: 'ExternalName', externalName: 'away.example.com.' },
  },
};

const zone = 'svc.cluster.local.';

/** Section of the specification to its rows. */
const sections: Readonly<Record<string, readonly Row[]>> = {
  '2.2 schema version': [
    ['TXT', 'TXT dns-version.cluster.local.', 'NOERROR TXT "1.1.0" (SCHEMA_VERSION)'],
    ['in capitals', 'TXT DNS-VERSION.cluster.local.', 'NOERROR TXT "1.1.0" (SCHEMA_VERSION)'],
    ['any type', 'ANY dns-version.cluster.local.', 'NOERROR TXT "1.1.0" (SCHEMA_VERSION)'],
  ],
  '2.3.1 addresses of a Service with a ClusterIP': [
    ['A', `A dual.ns.${zone}`, 'NOERROR A 10.96.1.1 (CLUSTER_IP)'],
    ['AAAA', `AAAA dual.ns.${zone}`, 'NOERROR AAAA fd00:10:96::11 (CLUSTER_IP)'],
    ['no A where there is no IPv4', `A six.ns.${zone}`, 'NOERROR (NO_SUCH_TYPE)'],
  ],
  '2.3.2 ports of a Service with a ClusterIP': [
    [
      'TCP',
      `SRV _http._tcp.dual.ns.${zone}`,
      `NOERROR SRV 0 100 80 dual.ns.${zone} (SERVICE_PORT)`,
    ],
    [
      'SCTP',
      `SRV _events._sctp.dual.ns.${zone}`,
      `NOERROR SRV 0 100 9000 dual.ns.${zone} (SERVICE_PORT)`,
    ],
    [
      'a name in capitals',
      `SRV _admin._tcp.dual.ns.${zone}`,
      `NOERROR SRV 0 100 8080 dual.ns.${zone} (SERVICE_PORT)`,
    ],
    [
      'a question in capitals',
      `SRV _HTTP._TCP.dual.ns.${zone}`,
      `NOERROR SRV 0 100 80 dual.ns.${zone} (SERVICE_PORT)`,
    ],
    ['none without a name', `SRV _80._tcp.six.ns.${zone}`, 'NXDOMAIN (NO_SUCH_PORT)'],
    ['the port without its protocol', `SRV _http.dual.ns.${zone}`, 'NXDOMAIN (NO_SUCH_PORT)'],
    ['more before it', `SRV _x._http._tcp.dual.ns.${zone}`, 'NXDOMAIN (NO_SUCH_NAME)'],
  ],
  '2.3.3 pointers to a Service with a ClusterIP': [
    ['IPv4', 'PTR 1.1.96.10.in-addr.arpa.', `NOERROR PTR dual.ns.${zone} (REVERSE_SERVICE)`],
    [
      'IPv6, nibble by nibble',
      'PTR 2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa.',
      `NOERROR PTR six.ns.${zone} (REVERSE_SERVICE)`,
    ],
    [
      'IPv6 in capitals',
      'PTR 1.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.D.F.IP6.ARPA.',
      `NOERROR PTR dual.ns.${zone} (REVERSE_SERVICE)`,
    ],
  ],
  '2.4.1 addresses of a headless Service': [
    [
      'every ready one, A',
      `A set.ns.${zone}`,
      'NOERROR A 10.244.1.1; A 10.244.1.2 (HEADLESS_ENDPOINTS)',
    ],
    [
      'every ready one, AAAA',
      `AAAA set.ns.${zone}`,
      'NOERROR AAAA fd00:10:244::1 (HEADLESS_ENDPOINTS)',
    ],
    ['one endpoint, A', `A set-0.set.ns.${zone}`, 'NOERROR A 10.244.1.1 (ENDPOINT)'],
    ['one endpoint, AAAA', `AAAA set-0.set.ns.${zone}`, 'NOERROR AAAA fd00:10:244::1 (ENDPOINT)'],
    ['one of IPv4 only, AAAA', `AAAA set-1.set.ns.${zone}`, 'NOERROR (NO_SUCH_TYPE)'],
    ['one that is not ready', `A set-2.set.ns.${zone}`, 'NXDOMAIN (NO_SUCH_ENDPOINT)'],
    [
      'published before it is ready',
      `A early.ns.${zone}`,
      'NOERROR A 10.244.1.4 (HEADLESS_ENDPOINTS)',
    ],
    ['in two slices, once', `A twice.ns.${zone}`, 'NOERROR A 10.244.1.5 (HEADLESS_ENDPOINTS)'],
    [
      'two with one host name',
      `A same.shared.ns.${zone}`,
      'NOERROR A 10.244.1.6; A 10.244.1.7 (ENDPOINT)',
    ],
    ['an assigned name', `A 10-244-1-8.named.ns.${zone}`, 'NOERROR A 10.244.1.8 (ENDPOINT)'],
    [
      'no assigned name beside a host name',
      `A 10-244-1-1.set.ns.${zone}`,
      'NXDOMAIN (NO_SUCH_ENDPOINT)',
    ],
  ],
  '2.4.2 ports of a headless Service': [
    [
      'one for each endpoint, TCP',
      `SRV _http._tcp.set.ns.${zone}`,
      `NOERROR SRV 0 50 80 set-0.set.ns.${zone}; SRV 0 50 80 set-1.set.ns.${zone} (SERVICE_PORT)`,
    ],
    [
      'one for each endpoint, SCTP',
      `SRV _events._sctp.set.ns.${zone}`,
      `NOERROR SRV 0 50 9000 set-0.set.ns.${zone}; SRV 0 50 9000 set-1.set.ns.${zone} (SERVICE_PORT)`,
    ],
    [
      'one for each endpoint and port',
      `SRV set.ns.${zone}`,
      `NOERROR SRV 0 25 80 set-0.set.ns.${zone}; SRV 0 25 9000 set-0.set.ns.${zone}; SRV 0 25 80 set-1.set.ns.${zone}; SRV 0 25 9000 set-1.set.ns.${zone} (SERVICE_PORT)`,
    ],
    ['none without a name', `SRV unnamed.ns.${zone}`, 'NOERROR (NO_SUCH_TYPE)'],
    [
      'addresses that share a host name are one target',
      `SRV _http._tcp.shared.ns.${zone}`,
      `NOERROR SRV 0 100 80 same.shared.ns.${zone} (SERVICE_PORT)`,
    ],
  ],
  '2.4.3 pointers to the endpoints of a headless Service': [
    ['IPv4', 'PTR 1.1.244.10.in-addr.arpa.', `NOERROR PTR set-0.set.ns.${zone} (REVERSE_ENDPOINT)`],
    [
      'IPv6',
      'PTR 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.1.0.0.0.0.d.f.ip6.arpa.',
      `NOERROR PTR set-0.set.ns.${zone} (REVERSE_ENDPOINT)`,
    ],
    [
      'of two Services',
      'PTR 2.1.244.10.in-addr.arpa.',
      `NOERROR PTR set-1.set.ns.${zone}; PTR set-1.unnamed.ns.${zone} (REVERSE_ENDPOINT)`,
    ],
    [
      'published before it is ready',
      'PTR 4.1.244.10.in-addr.arpa.',
      `NOERROR PTR early-0.early.ns.${zone} (REVERSE_ENDPOINT)`,
    ],
    [
      'none of one that is not ready',
      'PTR 3.1.244.10.in-addr.arpa.',
      'ask 192.0.2.53 3.1.244.10.in-addr.arpa. (FORWARDED)',
    ],
  ],
  '2.5 external names': [
    ['CNAME', `CNAME away.ns.${zone}`, 'NOERROR CNAME Away.Example.COM. (EXTERNAL_NAME)'],
    ['ANY', `ANY away.ns.${zone}`, 'NOERROR CNAME Away.Example.COM. (EXTERNAL_NAME)'],
    [
      'A',
      `A away.ns.${zone}`,
      'CNAME Away.Example.COM. ask 192.0.2.53 Away.Example.COM. (FORWARDED)',
    ],
    [
      'with a dot at its end',
      `CNAME slash.ns.${zone}`,
      'NOERROR CNAME away.example.com. (EXTERNAL_NAME)',
    ],
    ['no names below', `A x.away.ns.${zone}`, 'NXDOMAIN (NO_SUCH_ENDPOINT)'],
  ],
};

for (const [section, rows] of Object.entries(sections)) {
  describe(`record schema 1.1.0, ${section}`, () => {
    const ask = asking({ corefile: corefile('pods verified'), cluster });
    for (const [what, question, verdict] of rows) {
      test(`${what}: ${question}`, () => {
        assert.equal(verdictText(ask(question), question), verdict);
      });
    }
  });
}
