import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServerBlock } from '../config.ts';
import { readCorefile } from './read-corefile.ts';
import { corefileErrorText } from './token.ts';

const files = new Map([
  ['/etc/coredns/ca', 'CA'],
  ['/etc/coredns/cert', 'CERT'],
  ['/etc/coredns/key', 'KEY'],
]);

/** The one block of a Corefile of these lines. */
function blockOf(lines: string): ServerBlock {
  const result = readCorefile(`. {\n${lines}\n}`, files);
  assert.ok(result.ok, result.ok ? '' : result.errors.map(corefileErrorText).join('\n'));
  const [block] = result.config.blocks;
  assert.ok(block);
  return block;
}

type Row = readonly [lines: string, pick: (block: ServerBlock) => unknown, value: unknown];

const forward = (option: string): string => `forward . 192.0.2.1 {\n ${option}\n}`;
const cache = (option: string): string => `cache {\n ${option}\n}`;
const kubernetes = (option: string): string => `kubernetes cluster.local {\n ${option}\n}`;

describe('options and what they set', () => {
  const rows: readonly Row[] = [
    ['health :81 {\n lameduck 2s\n}', ({ health }) => health, { port: 81, lameduckMs: 2000 }],
    ['ready :82', ({ ready }) => ready?.port, 82],
    ['prometheus :83', ({ prometheus }) => prometheus?.port, 83],
    ['errors {\n stacktrace\n}', ({ errors }) => errors?.hasStack, true],
    [
      'errors {\n consolidate 5m ".* timeout$" warning show_first\n consolidate 1s x\n}',
      ({ errors }) => errors?.consolidations,
      [
        { intervalMs: 300_000, pattern: '.* timeout$', level: 'warning', showsFirst: true },
        { intervalMs: 1000, pattern: 'x', level: 'error', showsFirst: false },
      ],
    ],
    ['log . "{name} {rcode}"', ({ log }) => log?.format, '{name} {rcode}'],
    [
      'log {combined}',
      ({ log }) => [log?.zones, log?.format.endsWith('"{>opcode}"')],
      [['.'], true],
    ],
    ['log {\n class error\n minDuration 1s\n}', ({ log }) => log?.minDurationMs, 1000],
    [
      cache('prefetch 10 2m 20%'),
      (block) => block.cache?.prefetch,
      { amount: 10, gapMs: 120_000, percentage: 20 },
    ],
    [
      cache('prefetch 1'),
      (block) => block.cache?.prefetch,
      { amount: 1, gapMs: 60_000, percentage: 10 },
    ],
    [cache('serve_stale'), (block) => block.cache?.stale, { forMs: 3_600_000, isVerified: false }],
    [
      cache('serve_stale 1m verified'),
      (block) => block.cache?.stale,
      { forMs: 60_000, isVerified: true },
    ],
    [cache('servfail 0s'), (block) => block.cache?.servfailTtl, 0],
    [cache('keepttl'), (block) => block.cache?.keepsTtl, true],
    [cache('disable denial'), (block) => block.cache?.denial, undefined],
    [kubernetes('noendpoints'), (block) => block.kubernetes?.hidesEndpoints, true],
    [kubernetes('ttl 60'), (block) => block.kubernetes?.ttl, 60],
    [forward('force_tcp'), ({ forwards }) => forwards[0]?.forcesTcp, true],
    [forward('prefer_udp'), ({ forwards }) => forwards[0]?.prefersUdp, true],
    [forward('expire 1m'), ({ forwards }) => forwards[0]?.expireMs, 60_000],
    [forward('max_idle_conns 2'), ({ forwards }) => forwards[0]?.maxIdle, 2],
    [forward('max_fails 0'), ({ forwards }) => forwards[0]?.maxFails, 0],
    [forward('max_concurrent 10'), ({ forwards }) => forwards[0]?.maxConcurrent, 10],
    [forward('policy sequential'), ({ forwards }) => forwards[0]?.policy, 'sequential'],
    [forward('failover SERVFAIL REFUSED'), ({ forwards }) => forwards[0]?.failover, [2, 5]],
    [forward('next NXDOMAIN'), ({ forwards }) => forwards[0]?.next, [3]],
    [forward('next_on_nodata'), ({ forwards }) => forwards[0]?.nextOnNoData, true],
    ['forward 10.1.2.3/16 192.0.2.1', ({ forwards }) => forwards[0]?.from, '1.10.in-addr.arpa.'],
    [
      'kubernetes cluster.local 10.96.0.0/15 fd00::/9',
      (block) => block.kubernetes?.reverseZones,
      [
        '96.10.in-addr.arpa.',
        '97.10.in-addr.arpa.',
        ...['0', '1', '2', '3', '4', '5', '6', '7'].map((nibble) => `${nibble}.d.f.ip6.arpa.`),
      ],
    ],
    [
      forward('health_check 1s no_rec domain example.org'),
      ({ forwards }) => [forwards[0]?.healthCheckMs, forwards[0]?.healthCheck],
      [1000, { isRecursive: false, domain: 'example.org.' }],
    ],
    [
      forward('tls_servername dns.example'),
      ({ forwards }) => forwards[0]?.tls,
      { serverName: 'dns.example' },
    ],
    [forward('tls /etc/coredns/ca'), ({ forwards }) => forwards[0]?.tls, { ca: 'CA' }],
    [
      forward('tls /etc/coredns/cert /etc/coredns/key /etc/coredns/ca'),
      ({ forwards }) => forwards[0]?.tls,
      { certificate: 'CERT', key: 'KEY', ca: 'CA' },
    ],
    [
      'forward . dns://192.0.2.1 tls://192.0.2.2 tls://192.0.2.3%dns.example:8853',
      ({ forwards }) => forwards[0]?.to,
      ['192.0.2.1', 'tls://192.0.2.2', 'tls://192.0.2.3%dns.example:8853'],
    ],
  ];
  for (const [lines, pick, value] of rows) {
    test(lines.replaceAll('\n', ''), () => assert.deepEqual(pick(blockOf(lines)), value));
  }
});

describe('what has no effect is told with line, column and reason', () => {
  const ofState =
    "the state of the cluster is in this server's own process; until it is there, the answer is SERVFAIL";
  const seenAtOnce = 'a change of the ConfigMap is seen at once, without looking again';
  const rows: readonly (readonly [lines: string, ...notices: string[]])[] = [
    [
      'reload 10s 5s',
      `Corefile:2:8: 10s has no effect here because ${seenAtOnce}`,
      `Corefile:2:12: 5s has no effect here because ${seenAtOnce}`,
    ],
    [
      'hosts {\n reload 1s\n}',
      'Corefile:3:2: reload has no effect here because the entries are part of the ConfigMap and are read anew with it',
    ],
    ...[
      'endpoint https://192.0.2.1',
      'tls a b c',
      'kubeconfig /k',
      'apiserver_qps 1',
      'apiserver_burst 1',
      'apiserver_max_inflight 1',
      'startup_timeout 5s',
    ].map(
      (option) =>
        [
          kubernetes(option),
          `Corefile:3:2: ${option.split(' ')[0]} has no effect here because ${ofState}`,
        ] as const,
    ),
    [
      'health localhost:8091',
      'Corefile:2:8: localhost has no effect here because the page is there at every address of the pod',
    ],
    ['prometheus 0.0.0.0:9153'],
    ['reload'],
    ['health {\n lameduck 5s\n}'],
  ];
  for (const [lines, ...notices] of rows) {
    test(lines.replaceAll('\n', ''), () => {
      const result = readCorefile(`. {\n${lines}\n}`);
      assert.ok(result.ok);
      assert.deepEqual(result.notices.map(corefileErrorText), notices);
    });
  }
});

describe('options that are wrong are told with line and column', () => {
  const rows: readonly (readonly [lines: string, error: string])[] = [
    [cache('prefetch many'), '3:11: prefetch takes a number from 1 to 1000000'],
    [cache('prefetch 1 1m 95%'), '3:16: "95%" is no percentage from 10% to 90%'],
    [cache('serve_stale 1m later'), '3:17: serve_stale knows immediate and verified, not "later"'],
    [cache('servfail 10m'), '3:11: servfail takes at most 5m'],
    [cache('disable some'), '3:10: disable takes success or denial'],
    [
      forward('tls /etc/coredns/gone'),
      '3:6: there is no file /etc/coredns/gone: only keys of the ConfigMap, as /etc/coredns/KEY',
    ],
    [forward('next NOERROR'), '3:7: "NOERROR" is no response code of a failure'],
    [forward('failover'), '3:2: failover needs a response code'],
    [forward('health_check 1s often'), '3:18: after the duration: no_rec, domain FQDN'],
    [
      forward('doh_method GET'),
      '3:2: forward has no option "doh_method" here, only: except, expire, failfast_all_unhealthy_upstreams, failover, force_tcp, health_check, max_concurrent, max_fails, max_idle_conns, next, next_on_nodata, policy, prefer_udp, tls, tls_servername',
    ],
    [
      'forward 10.0.0.0/12 192.0.2.1',
      '2:9: forward takes a prefix that ends with a label: /8, /16, /24 or /32',
    ],
    [forward('expire 1s 2s'), '3:12: unexpected "2s"'],
    [forward('max_fails 1 2'), '3:14: unexpected "2"'],
    [kubernetes('ttl 1 2'), '3:8: unexpected "2"'],
    [cache('success 1 2 3 4'), '3:16: unexpected "4"'],
    ['ready {\n monitor continuously\n}', '3:2: ready has no option "monitor" here'],
    ['rewrite name a b {\n name c d\n}', '3:2: rewrite has no option "name" here'],
    ['log . "{nothing}"', '2:7: log formats know no {nothing}'],
    ['errors {\n consolidate 1s\n}', '3:2: consolidate needs a duration and a regular expression'],
    ['errors {\n consolidate 1s (\n}', '3:17: "(" is no regular expression'],
    [
      'errors {\n consolidate 1s x loud\n}',
      '3:19: "loud" is none of warning, error, info, debug, show_first',
    ],
    [
      'forward . https://192.0.2.1',
      '2:11: "https://192.0.2.1" is no upstream: an address, an address with a port, tls:// before either, or a file',
    ],
  ];
  for (const [lines, error] of rows) {
    test(error, () => {
      const result = readCorefile(`. {\n${lines}\n}`, files);
      assert.ok(!result.ok);
      assert.deepEqual(result.errors.map(corefileErrorText), [`Corefile:${error}`]);
    });
  }
});
