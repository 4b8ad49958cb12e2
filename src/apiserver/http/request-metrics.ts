import type { RequestMetrics } from './environment.ts';

/** Counts requests by verb, resource and status code; text in the Prometheus exposition format. */
export function createRequestMetrics(): RequestMetrics {
  const counts = new Map<string, number>();
  return {
    count(verb, resource, code) {
      const labels = `verb="${verb}",resource="${resource}",code="${code}"`;
      counts.set(labels, (counts.get(labels) ?? 0) + 1);
    },
    text() {
      const name = 'apiserver_request_total';
      const samples = [...counts].map(([labels, count]) => `${name}{${labels}} ${count}`);
      const process = `process_resident_memory_bytes ${globalThis.process.memoryUsage.rss()}`;
      return [
        `# HELP ${name} Requests by verb, resource and status code.`,
        `# TYPE ${name} counter`,
        ...samples.sort(),
        '# HELP process_resident_memory_bytes Resident memory of the daemon.',
        '# TYPE process_resident_memory_bytes gauge',
        process,
        '',
      ].join('\n');
    },
  };
}
