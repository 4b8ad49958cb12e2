import { describe } from 'node:test';
import { table } from './testing/sample.ts';

describe('record schema 1.1.0: Services and pointers', () => {
  table('pods verified', [
    ['schema version', 'TXT dns-version.cluster.local.', 'NOERROR TXT "1.1.0" (SCHEMA_VERSION)'],
    ['no address there', 'A dns-version.cluster.local.', 'NOERROR (NO_SUCH_TYPE)'],
    ['nothing below', 'TXT x.dns-version.cluster.local.', 'NXDOMAIN (NO_SUCH_NAME)'],

    ['ClusterIP, IPv4', 'A web.default.svc.cluster.local.', 'NOERROR A 10.96.0.80 (CLUSTER_IP)'],
    [
      'ClusterIP, IPv6',
      'AAAA web.default.svc.cluster.local.',
      'NOERROR AAAA fd00:10:96::80 (CLUSTER_IP)',
    ],
    ['one family only', 'AAAA plain.default.svc.cluster.local.', 'NOERROR (NO_SUCH_TYPE)'],
    [
      'any type',
      'ANY web.default.svc.cluster.local.',
      'NOERROR A 10.96.0.80; AAAA fd00:10:96::80 (CLUSTER_IP)',
    ],
    ['without endpoints', 'A idle.default.svc.cluster.local.', 'NOERROR A 10.96.0.82 (CLUSTER_IP)'],
    [
      'without an address',
      'A addressless.default.svc.cluster.local.',
      'NXDOMAIN (SERVICE_HAS_NO_ADDRESS)',
    ],
    [
      'case of the question',
      'A WeB.Default.SVC.cluster.LOCAL.',
      'NOERROR A 10.96.0.80 (CLUSTER_IP)',
    ],
    ['another type', 'MX web.default.svc.cluster.local.', 'NOERROR (NO_SUCH_TYPE)'],
    ['CNAME of none', 'CNAME web.default.svc.cluster.local.', 'NOERROR (NO_SUCH_TYPE)'],

    [
      'SRV of a named port',
      'SRV _http._tcp.web.default.svc.cluster.local.',
      'NOERROR SRV 0 100 80 web.default.svc.cluster.local. (SERVICE_PORT)',
    ],
    [
      'SRV by protocol',
      'SRV _dns._udp.web.default.svc.cluster.local.',
      'NOERROR SRV 0 100 5353 web.default.svc.cluster.local. (SERVICE_PORT)',
    ],
    [
      'SRV, other protocol',
      'SRV _dns._tcp.web.default.svc.cluster.local.',
      'NXDOMAIN (NO_SUCH_PORT)',
    ],
    [
      'SRV, unknown port',
      'SRV _ftp._tcp.web.default.svc.cluster.local.',
      'NXDOMAIN (NO_SUCH_PORT)',
    ],
    [
      'SRV without underscores',
      'SRV http.tcp.web.default.svc.cluster.local.',
      'NXDOMAIN (NO_SUCH_PORT)',
    ],
    ['address of a port', 'A _http._tcp.web.default.svc.cluster.local.', 'NOERROR (NO_SUCH_TYPE)'],
    ['protocol alone', 'SRV _tcp.web.default.svc.cluster.local.', 'NOERROR (EMPTY_NON_TERMINAL)'],
    [
      'protocol without ports',
      'SRV _sctp.web.default.svc.cluster.local.',
      'NXDOMAIN (NO_SUCH_PORT)',
    ],
    ['no SRV of unnamed ports', 'SRV plain.default.svc.cluster.local.', 'NOERROR (NO_SUCH_TYPE)'],
    [
      'SRV of the Service',
      'SRV web.default.svc.cluster.local.',
      'NOERROR SRV 0 50 80 web.default.svc.cluster.local.; SRV 0 50 5353 web.default.svc.cluster.local. (SERVICE_PORT)',
    ],

    [
      'PTR of a ClusterIP',
      'PTR 80.0.96.10.in-addr.arpa.',
      'NOERROR PTR web.default.svc.cluster.local. (REVERSE_SERVICE)',
    ],
    [
      'PTR of a ClusterIP, IPv6',
      'PTR 0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa.',
      'NOERROR PTR web.default.svc.cluster.local. (REVERSE_SERVICE)',
    ],
    ['PTR name, other type', 'A 80.0.96.10.in-addr.arpa.', 'NOERROR (NO_SUCH_TYPE)'],
    [
      'PTR of an endpoint',
      'PTR 5.1.244.10.in-addr.arpa.',
      'NOERROR PTR db-0.db.shop.svc.cluster.local. (REVERSE_ENDPOINT)',
    ],
    [
      'PTR of an endpoint, no host name',
      'PTR 6.2.244.10.in-addr.arpa.',
      'NOERROR PTR 10-244-2-6.db.shop.svc.cluster.local. (REVERSE_ENDPOINT)',
    ],
    [
      'PTR of an unready endpoint',
      'PTR 9.2.244.10.in-addr.arpa.',
      'ask 192.0.2.53 9.2.244.10.in-addr.arpa. (FORWARDED)',
    ],
    [
      'PTR of the endpoint of a ClusterIP',
      'PTR 7.0.244.10.in-addr.arpa.',
      'ask 192.0.2.53 7.0.244.10.in-addr.arpa. (FORWARDED)',
    ],
    [
      'PTR of the world',
      'PTR 1.2.0.192.in-addr.arpa.',
      'ask 192.0.2.53 1.2.0.192.in-addr.arpa. (FORWARDED)',
    ],
    [
      'PTR of no address',
      'PTR 999.0.0.10.in-addr.arpa.',
      'ask 192.0.2.53 999.0.0.10.in-addr.arpa. (FORWARDED)',
    ],
  ]);
});
