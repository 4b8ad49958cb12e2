import type { Clock } from '../clock/index.ts';
import { isHeadless } from '../kube/index.ts';
import type { ClusterView } from '../snapshot/index.ts';
import type { DnsMetrics } from './metrics/dns-metrics.ts';

/** When what changed the endpoints happened; the EndpointSlice controller writes it. */
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Measures how long it took from a change of a headless Service's pods until its names say so. */
export function measureProgramming(view: ClusterView, clock: Clock, metrics: DnsMetrics): void {
  const seen = new Map<string, string>();
  view.onServices((keys) => {
    const { services, slices } = view.snapshot();
    for (const key of keys) {
      const service = services.get(key);
      if (service === undefined) seen.delete(key);
      else if (!isHeadless(service) || service.spec.selector === undefined) continue;
      const newest = (slices.get(key) ?? [])
        .map(({ metadata }) => metadata.annotations?.[TRIGGER_TIME] ?? '')
        .toSorted()
        .at(-1);
      if (newest === undefined || newest === '' || newest === seen.get(key)) continue;
      seen.set(key, newest);
      const seconds = (clock.now() - Date.parse(newest)) / 1000;
      if (seconds >= 0) metrics.programmingDuration.observe(['headless_with_selector'], seconds);
    }
  });
}
