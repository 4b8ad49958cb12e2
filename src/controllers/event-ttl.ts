import { eventKind, keyOf, type Event } from '../kube/index.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { deleteIfThere } from './ensure.ts';
import { startLoop } from './run.ts';

/** As `kube-apiserver --event-ttl`. */
const lifetimeMs = 60 * 60_000;

/** Milliseconds since the epoch of the last time it happened. */
function lastSeen({ metadata, series, lastTimestamp, eventTime }: Event): number {
  const times = [series?.lastObservedTime, lastTimestamp, eventTime, metadata.creationTimestamp];
  return Date.parse(times.find((time) => typeof time === 'string' && time !== '') ?? '') || 0;
}

/** Deletes Events an hour after they happened last. */
export function startEventTtlController(context: ControllerContext): Controller {
  const events = context.informers.of(eventKind);
  const { queue, controller } = startLoop({
    name: 'event-ttl',
    context,
    caches: [events],
    async reconcile(key) {
      const event = events.get(key);
      if (event === undefined) return;
      const remaining = lastSeen(event) + lifetimeMs - context.clock.now();
      if (remaining > 0) queue.addAfter(key, remaining);
      else await deleteIfThere(context.client, eventKind, event);
    },
  });
  events.onChange(({ previous, next }) => {
    if (previous === undefined && next !== undefined) queue.add(keyOf(next));
  });
  return controller;
}
