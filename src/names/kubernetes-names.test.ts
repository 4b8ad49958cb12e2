import { describe } from 'node:test';
import { table } from './testing/sample.ts';

describe('record schema 1.1.0: endpoints', () => {
  table('pods verified', [
    [
      'headless',
      'A db.shop.svc.cluster.local.',
      'NOERROR A 10.244.1.5; A 10.244.2.6 (HEADLESS_ENDPOINTS)',
    ],
    [
      'headless, IPv6',
      'AAAA db.shop.svc.cluster.local.',
      'NOERROR AAAA fd00:10:244:1::5 (HEADLESS_ENDPOINTS)',
    ],
    ['headless, none ready', 'A starting.shop.svc.cluster.local.', 'NXDOMAIN (NO_READY_ENDPOINTS)'],
    [
      'publishNotReadyAddresses',
      'A eager.shop.svc.cluster.local.',
      'NOERROR A 10.244.1.8 (HEADLESS_ENDPOINTS)',
    ],
    [
      'host name of the unready',
      'A eager-0.eager.shop.svc.cluster.local.',
      'NOERROR A 10.244.1.8 (ENDPOINT)',
    ],
    [
      'headless without ports',
      'A portless.shop.svc.cluster.local.',
      'NOERROR A 10.244.1.9 (HEADLESS_ENDPOINTS)',
    ],
    ['host name', 'A db-0.db.shop.svc.cluster.local.', 'NOERROR A 10.244.1.5 (ENDPOINT)'],
    [
      'host name, IPv6',
      'AAAA db-0.db.shop.svc.cluster.local.',
      'NOERROR AAAA fd00:10:244:1::5 (ENDPOINT)',
    ],
    [
      'host name in capitals',
      'A DB-0.db.shop.svc.cluster.local.',
      'NOERROR A 10.244.1.5 (ENDPOINT)',
    ],
    [
      'host name of a terminating pod',
      'A db-2.db.shop.svc.cluster.local.',
      'NXDOMAIN (NO_SUCH_ENDPOINT)',
    ],
    ['assigned name', 'A 10-244-2-6.db.shop.svc.cluster.local.', 'NOERROR A 10.244.2.6 (ENDPOINT)'],
    [
      'assigned name of an address that ends in colons',
      'AAAA fd00-10-244-1--0.six.shop.svc.cluster.local.',
      'NOERROR AAAA fd00:10:244:1:: (ENDPOINT)',
    ],
    ['pod name is none', 'A db-x.db.shop.svc.cluster.local.', 'NXDOMAIN (NO_SUCH_ENDPOINT)'],
    [
      'endpoint of a ClusterIP',
      'A web-0.web.default.svc.cluster.local.',
      'NOERROR A 10.244.0.7 (ENDPOINT)',
    ],
    [
      'SRV of a headless Service',
      'SRV _sql._tcp.db.shop.svc.cluster.local.',
      'NOERROR SRV 0 50 5432 db-0.db.shop.svc.cluster.local.; SRV 0 50 5432 10-244-2-6.db.shop.svc.cluster.local. (SERVICE_PORT)',
    ],
  ]);
});

describe('record schema 1.1.0: aliases', () => {
  table('pods verified', [
    [
      'outside',
      'A outside.shop.svc.cluster.local.',
      'CNAME db.example.com. ask 192.0.2.53 db.example.com. (FORWARDED)',
    ],
    [
      'the alias itself',
      'CNAME outside.shop.svc.cluster.local.',
      'NOERROR CNAME db.example.com. (EXTERNAL_NAME)',
    ],
    [
      'inside',
      'A inside.shop.svc.cluster.local.',
      'NOERROR CNAME web.default.svc.cluster.local.; web.default.svc.cluster.local. A 10.96.0.80 (CLUSTER_IP)',
    ],
    [
      'to nothing',
      'A nowhere.shop.svc.cluster.local.',
      'NXDOMAIN CNAME gone.default.svc.cluster.local. (NO_SUCH_SERVICE)',
    ],
    ['of digits', 'A numbers.shop.svc.cluster.local.', 'NXDOMAIN (SERVICE_HAS_NO_ADDRESS)'],
    ['with a port', 'SRV _x._tcp.outside.shop.svc.cluster.local.', 'NXDOMAIN (NO_SUCH_ENDPOINT)'],
  ]);
});

describe('record schema 1.1.0: what is there, and what is not', () => {
  table('pods verified', [
    ['no such Service', 'A gone.default.svc.cluster.local.', 'NXDOMAIN (NO_SUCH_SERVICE)'],
    ['no such namespace', 'A web.gone.svc.cluster.local.', 'NXDOMAIN (NO_SUCH_NAMESPACE)'],
    ['namespace', 'A default.svc.cluster.local.', 'NOERROR (EMPTY_NON_TERMINAL)'],
    ['namespace without anything', 'A empty.svc.cluster.local.', 'NOERROR (EMPTY_NON_TERMINAL)'],
    ['unknown namespace', 'A gone.svc.cluster.local.', 'NXDOMAIN (NO_SUCH_NAMESPACE)'],
    ['svc', 'A svc.cluster.local.', 'NOERROR (EMPTY_NON_TERMINAL)'],
    ['pod', 'A pod.cluster.local.', 'NOERROR (EMPTY_NON_TERMINAL)'],
    ['neither', 'A web.default.service.cluster.local.', 'NXDOMAIN (NO_SUCH_NAME)'],
    ['too long', 'A a.b.c.web.default.svc.cluster.local.', 'NXDOMAIN (NO_SUCH_NAME)'],
    ['no wildcards', 'A *.default.svc.cluster.local.', 'NXDOMAIN (NO_SUCH_SERVICE)'],
    ['an escaped dot', String.raw`A web\.default.svc.cluster.local.`, 'NXDOMAIN (NO_SUCH_SERVICE)'],

    [
      'zone, SOA',
      'SOA cluster.local.',
      'NOERROR SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 7200 1800 86400 30 (ZONE)',
    ],
    ['zone, NS', 'NS cluster.local.', 'NOERROR NS ns.dns.cluster.local. (ZONE)'],
    ['zone, address', 'A cluster.local.', 'NOERROR (NO_SUCH_TYPE)'],
    ['name server', 'A ns.dns.cluster.local.', 'NOERROR A 10.96.0.10 (ZONE)'],
    ['name server, IPv6', 'AAAA ns.dns.cluster.local.', 'NOERROR AAAA fd00:10:96::a (ZONE)'],
    ['above it', 'A dns.cluster.local.', 'NOERROR (EMPTY_NON_TERMINAL)'],
    ['no zone transfer', 'AXFR cluster.local.', 'REFUSED (TRANSFER_REFUSED)'],
    ['outside the zone', 'A example.com.', 'ask 192.0.2.53 example.com. (FORWARDED)'],
    ['a zone that ends alike', 'A mycluster.local.', 'ask 192.0.2.53 mycluster.local. (FORWARDED)'],

    ['pod', 'A 10-244-0-9.default.pod.cluster.local.', 'NOERROR A 10.244.0.9 (POD_ADDRESS)'],
    [
      'pod, IPv6',
      'AAAA fd00-10-244--9.default.pod.cluster.local.',
      'NOERROR AAAA fd00:10:244::9 (POD_ADDRESS)',
    ],
    ['pod, other family', 'AAAA 10-244-0-9.default.pod.cluster.local.', 'NOERROR (NO_SUCH_TYPE)'],
    ['pod in another namespace', 'A 10-244-0-9.shop.pod.cluster.local.', 'NXDOMAIN (NO_SUCH_POD)'],
    ['no such pod', 'A 192-168-10-100.default.pod.cluster.local.', 'NXDOMAIN (NO_SUCH_POD)'],
    ['no address', 'A web.default.pod.cluster.local.', 'NXDOMAIN (NO_SUCH_NAME)'],
    ['pods of a namespace', 'A default.pod.cluster.local.', 'NOERROR (EMPTY_NON_TERMINAL)'],
  ]);
});
