import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDnsMetrics } from './dns-metrics.ts';
import { Registry } from '../../metrics/index.ts';

test('the text is Prometheus format 0.0.4', () => {
  const registry = new Registry();
  const counter = registry.counter('things_total', 'Things.', ['kind']);
  counter.add(['a "quoted"\nline']);
  counter.add(['b'], 2);
  registry.gauge('level', 'Level.').set([], 3);
  const sizes = registry.histogram({ name: 'size', help: 'Sizes.', labels: ['kind'] }, [1, 10]);
  for (const value of [1, 5, 50]) sizes.observe(['x'], value);
  assert.equal(
    registry.text(),
    `# HELP things_total Things.
# TYPE things_total counter
things_total{kind="a \\"quoted\\"\\nline"} 1
things_total{kind="b"} 2
# HELP level Level.
# TYPE level gauge
level 3
# HELP size Sizes.
# TYPE size histogram
size_bucket{kind="x",le="1"} 1
size_bucket{kind="x",le="10"} 2
size_bucket{kind="x",le="+Inf"} 3
size_sum{kind="x"} 56
size_count{kind="x"} 3
`,
  );
});

test('the metrics are those that dashboards of CoreDNS ask for', () => {
  const names = [
    ...createDnsMetrics()
      .registry.text()
      .matchAll(/^# TYPE (\S+)/gm),
  ].map(([, name]) => name);
  assert.deepEqual(names, [
    'coredns_dns_requests_total',
    'coredns_dns_request_size_bytes',
    'coredns_dns_request_duration_seconds',
    'coredns_dns_responses_total',
    'coredns_dns_response_size_bytes',
    'coredns_panics_total',
    'coredns_cache_hits_total',
    'coredns_cache_misses_total',
    'coredns_cache_requests_total',
    'coredns_cache_prefetch_total',
    'coredns_cache_served_stale_total',
    'coredns_cache_entries',
    'coredns_forward_requests_total',
    'coredns_forward_responses_total',
    'coredns_forward_request_duration_seconds',
    'coredns_forward_healthcheck_failures_total',
    'coredns_forward_healthcheck_broken_total',
    'coredns_forward_max_concurrent_rejects_total',
    'coredns_autopath_success_total',
    'coredns_reload_failed_total',
    'coredns_kubernetes_dns_programming_duration_seconds',
  ]);
});
