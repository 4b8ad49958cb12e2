import { Registry, type Histogram, type Metric } from '../../metrics/index.ts';

/** What the DNS servers count, under the names and labels that CoreDNS's dashboards ask for. */
export interface DnsMetrics {
  readonly registry: Registry;
  readonly requests: Metric;
  readonly requestSize: Histogram;
  readonly requestDuration: Histogram;
  readonly responses: Metric;
  readonly responseSize: Histogram;
  readonly panics: Metric;
  readonly cacheHits: Metric;
  readonly cachePrefetches: Metric;
  readonly cacheServedStale: Metric;
  readonly cacheMisses: Metric;
  readonly cacheRequests: Metric;
  readonly cacheEntries: Metric;
  readonly forwardRequests: Metric;
  readonly forwardResponses: Metric;
  readonly forwardDuration: Histogram;
  readonly healthCheckFailures: Metric;
  readonly healthCheckBroken: Metric;
  readonly concurrentRejects: Metric;
  readonly autopathSuccesses: Metric;
  readonly reloadFailures: Metric;
  readonly programmingDuration: Histogram;
}

/** Seconds: 0.25 ms, doubled 16 times; bytes: what matters about the size of a message (CoreDNS's buckets). */
const durations = Array.from({ length: 16 }, (_, index) => 0.00025 * 2 ** index);
const sizes = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000];
/** 1 ms, doubled 20 times. */
const programming = Array.from({ length: 20 }, (_, index) => 0.001 * 2 ** index);

const server = ['server', 'zone', 'view'];
const cached = ['server', 'type', 'zones', 'view'];

function requestMetrics(registry: Registry) {
  return {
    requests: registry.counter(
      'coredns_dns_requests_total',
      'Counter of DNS requests made per zone, protocol and family.',
      [...server, 'proto', 'family', 'type'],
    ),
    requestSize: registry.histogram(
      {
        name: 'coredns_dns_request_size_bytes',
        help: 'Size of the request in bytes per zone and protocol.',
        labels: [...server, 'proto'],
      },
      sizes,
    ),
    requestDuration: registry.histogram(
      {
        name: 'coredns_dns_request_duration_seconds',
        help: 'Histogram of the time (in seconds) each request took per zone.',
        labels: server,
      },
      durations,
    ),
    responses: registry.counter(
      'coredns_dns_responses_total',
      'Counter of response status codes.',
      [...server, 'rcode', 'plugin'],
    ),
    responseSize: registry.histogram(
      {
        name: 'coredns_dns_response_size_bytes',
        help: 'Size of the response in bytes per zone and protocol.',
        labels: [...server, 'proto'],
      },
      sizes,
    ),
    panics: registry.counter('coredns_panics_total', 'Requests that failed inside the server.'),
  };
}

function cacheMetrics(registry: Registry) {
  return {
    cacheHits: registry.counter('coredns_cache_hits_total', 'The count of cache hits.', cached),
    cacheMisses: registry.counter('coredns_cache_misses_total', 'The count of cache misses.', [
      'server',
      'zones',
      'view',
    ]),
    cacheRequests: registry.counter(
      'coredns_cache_requests_total',
      'The count of cache requests.',
      ['server', 'zones', 'view'],
    ),
    cachePrefetches: registry.counter(
      'coredns_cache_prefetch_total',
      'The number of times an answer was asked for anew before its end.',
      ['server', 'zones', 'view'],
    ),
    cacheServedStale: registry.counter(
      'coredns_cache_served_stale_total',
      'The number of requests that were answered past the end of an answer.',
      ['server', 'zones', 'view'],
    ),
    cacheEntries: registry.gauge(
      'coredns_cache_entries',
      'The number of elements in the cache.',
      cached,
    ),
  };
}

function forwardMetrics(registry: Registry) {
  return {
    forwardRequests: registry.counter(
      'coredns_forward_requests_total',
      'Counter of requests made per upstream.',
      ['to'],
    ),
    forwardResponses: registry.counter(
      'coredns_forward_responses_total',
      'Counter of responses received per upstream.',
      ['to', 'rcode'],
    ),
    forwardDuration: registry.histogram(
      {
        name: 'coredns_forward_request_duration_seconds',
        help: 'Histogram of the time each request took.',
        labels: ['to', 'rcode'],
      },
      durations,
    ),
    healthCheckFailures: registry.counter(
      'coredns_forward_healthcheck_failures_total',
      'Counter of the number of failed healthchecks.',
      ['to'],
    ),
    healthCheckBroken: registry.counter(
      'coredns_forward_healthcheck_broken_total',
      'Counter of the number of times all upstreams were down.',
    ),
    concurrentRejects: registry.counter(
      'coredns_forward_max_concurrent_rejects_total',
      'Counter of queries rejected because as many were under way as may be.',
    ),
  };
}

function otherMetrics(registry: Registry) {
  return {
    autopathSuccesses: registry.counter(
      'coredns_autopath_success_total',
      'Counter of requests that did autopath.',
      ['server'],
    ),
    reloadFailures: registry.counter(
      'coredns_reload_failed_total',
      'Counter of the number of failed reloads.',
    ),
    programmingDuration: registry.histogram(
      {
        name: 'coredns_kubernetes_dns_programming_duration_seconds',
        help: 'In cluster DNS programming latency in seconds.',
        labels: ['service_kind'],
      },
      programming,
    ),
  };
}

/** Makes all metrics in a registry of their own. */
export function createDnsMetrics(): DnsMetrics {
  const registry = new Registry();
  return {
    registry,
    ...requestMetrics(registry),
    ...cacheMetrics(registry),
    ...forwardMetrics(registry),
    ...otherMetrics(registry),
  };
}
