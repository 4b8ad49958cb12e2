import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { defaultCorefile } from '../default-corefile.ts';
import { readCorefile } from './read-corefile.ts';
import { corefileErrorText } from './token.ts';

/** Everything wrong with a Corefile, in the form people see. */
function errorsOf(text: string): string[] {
  const result = readCorefile(text);
  return result.ok ? [] : result.errors.map(corefileErrorText);
}

test('the default Corefile says what CoreDNS in a cluster does', () => {
  const result = readCorefile(defaultCorefile('cluster.local'));
  assert.ok(result.ok);
  assert.deepEqual(result.config.blocks, [
    {
      zones: ['.'],
      errors: { consolidations: [], hasStack: false },
      hasLoop: true,
      hasReload: true,
      isBalanced: true,
      rewrites: [],
      health: { port: 8080, lameduckMs: 5000 },
      ready: { port: 8181 },
      prometheus: { port: 9153 },
      autopath: { zones: ['.'] },
      kubernetes: {
        zones: ['cluster.local.'],
        reverseZones: ['in-addr.arpa.', 'ip6.arpa.'],
        pods: 'verified',
        usesPodNames: false,
        ttl: 30,
        fallthrough: ['in-addr.arpa.', 'ip6.arpa.'],
        namespaces: [],
        ignoresEmptyServices: false,
        hidesEndpoints: false,
        isZonal: false,
      },
      cache: {
        zones: ['.'],
        success: { capacity: 9984, maxTtl: 30, minTtl: 5 },
        denial: { capacity: 9984, maxTtl: 30, minTtl: 5 },
        servfailTtl: 5,
        keepsTtl: false,
      },
      forwards: [
        {
          from: '.',
          to: ['/etc/resolv.conf'],
          except: [],
          policy: 'random',
          forcesTcp: false,
          prefersUdp: false,
          maxFails: 2,
          healthCheckMs: 500,
          maxConcurrent: 1000,
          expireMs: 10_000,
          maxIdle: 0,
          tls: {},
          failover: [],
          next: [],
          nextOnNoData: false,
          healthCheck: { isRecursive: true, domain: '.' },
        },
      ],
    },
  ]);
});

test('comments, quotes, several blocks and zones', () => {
  const result = readCorefile(`
# stub domains
.:53, dns://example.org {
  log . "sub.example" {   # in quotes
    class denial error
  }
  forward . 192.0.2.1:5353 [2001:db8::1]:53 { policy sequential
    max_fails 0
    health_check 1m30s
  }
}
corp.example:53 {
  forward . 192.0.2.2
}`);
  assert.ok(result.ok);
  const [first, second] = result.config.blocks;
  assert.deepEqual(first?.zones, ['.', 'example.org.']);
  assert.deepEqual(first.log?.zones, ['.', 'sub.example.']);
  assert.deepEqual(first.log.classes, ['denial', 'error']);
  assert.deepEqual(first.forwards[0]?.to, ['192.0.2.1:5353', '[2001:db8::1]:53']);
  assert.deepEqual(
    [first.forwards[0].policy, first.forwards[0].maxFails, first.forwards[0].healthCheckMs],
    ['sequential', 0, 90_000],
  );
  assert.deepEqual(second?.zones, ['corp.example.']);
});

test('cache takes bounds for each kind, and either can be off', () => {
  const result = readCorefile(
    '. {\n cache 60 example.org {\n success 100 50 1\n servfail 1s\n disable denial\n }\n}',
  );
  assert.ok(result.ok);
  assert.deepEqual(result.config.blocks[0]?.cache, {
    zones: ['example.org.'],
    success: { capacity: 100, maxTtl: 50, minTtl: 1 },
    servfailTtl: 1,
    keepsTtl: false,
  });
});

describe('what is wrong is told with line and column', () => {
  const rows: readonly (readonly [string, ...string[]])[] = [
    ['', 'Corefile:1:1: there is no server block'],
    ['.:53', 'Corefile:1:1: a server block needs { after its zones'],
    ['{\n}', 'Corefile:1:1: a server block needs a zone before its {'],
    ['. {\n errors', 'Corefile:1:3: this { is not closed'],
    ['. {\n {\n}', 'Corefile:2:2: { must stand at the end of a line, after a directive'],
    ['. {\n  template IN A\n}', 'Corefile:2:3: unknown directive "template"'],
    ['. {\n errors\n\terrors\n}', 'Corefile:3:2: errors is there twice'],
    ['. {\n errors "x\n}', 'Corefile:2:9: a quotation mark is not closed'],
    ['.:5353 {\n}', 'Corefile:1:1: ".:5353": only plain DNS on port 53 is served'],
    ['tls://. {\n}', 'Corefile:1:1: "tls://.": only plain DNS on port 53 is served'],
    ['. {\n}\n. {\n}', 'Corefile:3:1: zone . is served already, from line 1'],
    [
      '. {\n kubernetes cluster.local {\n  pods some\n }\n}',
      'Corefile:3:8: pods is one of disabled, insecure, verified',
    ],
    [
      '. {\n kubernetes cluster.local {\n  ttl 4000\n }\n}',
      'Corefile:3:7: ttl takes a number from 0 to 3600',
    ],
    [
      '. {\n kubernetes cluster.local {\n  ttl\n }\n}',
      'Corefile:3:3: ttl takes a number from 0 to 3600',
    ],
    [
      '. {\n kubernetes cluster.local {\n  multicluster x\n }\n}',
      'Corefile:3:3: kubernetes has no option "multicluster" here, only: apiserver_burst, apiserver_max_inflight, apiserver_qps, endpoint, endpoint_pod_names, fallthrough, ignore, kubeconfig, labels, namespace_labels, namespaces, noendpoints, pods, startup_timeout, tls, ttl, zonal',
    ],
    [
      '. {\n kubernetes in-addr.arpa\n}',
      'Corefile:2:2: kubernetes needs a zone that is not a reverse one',
    ],
    ['(snippet) {\n}', 'Corefile:1:1: "(snippet)" is no domain name'],
    ['{$DOMAIN} {\n}', 'Corefile:1:1: "{$DOMAIN}" is no domain name'],
    ['. {\n kubernetes a..b\n}', 'Corefile:2:13: "a..b" is no domain name'],
    [
      '. {\n autopath @kubernetes\n kubernetes cluster.local\n}',
      'Corefile:2:2: autopath needs `pods verified` in the kubernetes directive',
    ],
    [
      '. {\n autopath /etc/resolv.conf\n kubernetes x {\n pods verified\n }\n}',
      'Corefile:2:11: autopath takes its search paths from @kubernetes',
    ],
    ['. {\n forward .\n}', 'Corefile:2:2: forward needs a zone and at least one upstream'],
    [
      '. {\n forward . dns.example\n}',
      'Corefile:2:12: "dns.example" is no upstream: an address, an address with a port, tls:// before either, or a file',
    ],
    [
      '. {\n forward . /etc/hosts\n}',
      "Corefile:2:12: the only file of upstreams here is /etc/resolv.conf, the machine's own",
    ],
    [
      '. {\n forward . 192.0.2.1 {\n  policy best\n }\n}',
      'Corefile:3:10: policy is one of random, round_robin, sequential',
    ],
    [
      '. {\n forward . 192.0.2.1 {\n  health_check soon\n }\n}',
      'Corefile:3:16: "soon" is no duration like 5s or 500ms',
    ],
    [
      '. {\n hosts /etc/hosts\n}',
      'Corefile:2:8: there is no file /etc/hosts: only keys of the ConfigMap, as /etc/coredns/KEY',
    ],
    [
      '. {\n rewrite type A AAAA\n}',
      'Corefile:2:10: only names are rewritten here: rewrite name ...',
    ],
    ['. {\n rewrite name regex ( x\n}', 'Corefile:2:21: "(" is no regular expression'],
    [
      '. {\n loadbalance weighted\n}',
      'Corefile:2:14: loadbalance knows round_robin, not "weighted"',
    ],
    ['. {\n prometheus 9153\n}', 'Corefile:2:13: "9153" is no address like :9153'],
    [
      '. {\n log {\n  class some\n }\n}',
      'Corefile:3:9: "some" is none of all, success, denial, error',
    ],
    [
      '. {\n whoami\n cache {\n  shards 2\n }\n dnssec\n}',
      'Corefile:2:2: unknown directive "whoami"',
      'Corefile:4:3: cache has no option "shards" here, only: denial, disable, keepttl, prefetch, serve_stale, servfail, success',
      'Corefile:6:2: unknown directive "dnssec"',
    ],
  ];
  for (const [text, ...errors] of rows) {
    test(errors.join(' '), () => assert.deepEqual(errorsOf(text), errors));
  }
});

test('any text is read without a crash', () => {
  const words = [
    '.',
    '{',
    '}',
    '\n',
    '"',
    '#',
    'forward',
    'cache',
    'kubernetes',
    'hosts',
    'rewrite',
    'name',
    'ttl',
    '1',
  ];
  const word = fc.oneof(fc.constantFrom(...words), fc.string());
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (parts) => {
      readCorefile(parts.join(' '));
    }),
    { numRuns: 2000 },
  );
});
