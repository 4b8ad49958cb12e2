import { randomUUID } from 'node:crypto';
import { timestamp, type Clock } from '../../clock/index.ts';
import {
  ApiError,
  dns1123Subdomain,
  eventKind,
  type Event,
  type KubeObject,
  type ObjectReference,
} from '../../kube/index.ts';
import type { Client } from '../client.ts';
import type { Happening } from './event-recorder.ts';

/** How many different happenings are remembered for counting; the figure is client-go's. */
const remembered = 4096;

/** Similar Events on one object beyond this many in ten minutes are counted as one; the figures are client-go's. */
const similarLimit = 10;
const similarWindowMs = 600_000;

export interface EventSeriesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly component: string;
  readonly host?: string;
}

interface Similar {
  readonly messages: Set<string>;
  lastSeen: number;
}

/** A map that forgets its oldest entries. */
class Recent<V> {
  private readonly entries = new Map<string, V>();

  get(key: string): V | undefined {
    return this.entries.get(key);
  }

  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= remembered) return;
      this.entries.delete(oldest);
    }
  }
}

/**
 * Writes Events and counts repetitions: the same text on the same object raises `count` and `lastTimestamp` of the
 * Event that is there (`x2 over 3m` in kubectl describe), and many texts of one reason become one combined Event.
 */
export class EventSeries {
  private readonly options: EventSeriesOptions;
  private readonly written = new Recent<Event>();
  private readonly similar = new Recent<Similar>();

  constructor(options: EventSeriesOptions) {
    this.options = options;
  }

  async tell(object: KubeObject, happening: Happening): Promise<void> {
    const involvedObject = referenceTo(object, happening.fieldPath);
    const group = [
      ...Object.values({ ...involvedObject, resourceVersion: '' }),
      happening.type,
      happening.reason,
    ].join('\0');
    const isCombined = this.countSimilar(group, happening.message);
    const key = isCombined ? group : `${group}\0${happening.message}`;
    const message = isCombined
      ? `(combined from similar events): ${happening.message}`
      : happening.message;
    const event = this.build(involvedObject, { ...happening, message });
    const earlier = this.written.get(key);
    const repeated = earlier === undefined ? undefined : await this.repeat(earlier, event);
    this.written.set(key, repeated ?? (await this.options.client.create(eventKind, event)));
  }

  private countSimilar(group: string, message: string): boolean {
    const now = this.options.clock.now();
    const known = this.similar.get(group);
    const isRecent = known !== undefined && now - known.lastSeen <= similarWindowMs;
    const entry = isRecent ? known : { messages: new Set<string>(), lastSeen: now };
    entry.lastSeen = now;
    if (entry.messages.size < similarLimit) entry.messages.add(message);
    this.similar.set(group, entry);
    return entry.messages.size >= similarLimit && !entry.messages.has(message);
  }

  /** @returns undefined when the earlier Event is gone meanwhile. */
  private async repeat(earlier: Event, again: Event): Promise<Event | undefined> {
    const { name, namespace = 'default' } = earlier.metadata;
    try {
      return await this.options.client.patch(
        eventKind,
        { name, namespace },
        {
          type: 'merge',
          body: {
            count: (earlier.count ?? 1) + 1,
            lastTimestamp: again.lastTimestamp,
            message: again.message,
          },
        },
      );
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  private build(involvedObject: ObjectReference, happening: Happening): Event {
    const { clock, component, host } = this.options;
    const now = timestamp(clock);
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: eventName(involvedObject.name ?? '', clock),
        namespace: involvedObject.namespace ?? 'default',
      },
      involvedObject,
      type: happening.type,
      reason: happening.reason,
      message: happening.message,
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }
}

let sequence = 0n;

/**
 * The object's name and an end of its own. Names of other objects need not be names of Events: one may be as long as names
 * can be, or have a colon (`system:node`); a UUID stands for those, as in client-go (tools/record/util, GenerateEventName).
 */
function eventName(objectName: string, clock: Clock): string {
  const name = `${objectName}.${uniqueSuffix(clock)}`;
  return dns1123Subdomain(name).length === 0 ? name : randomUUID();
}

/** The name's end as client-go makes it: the nanoseconds in hexadecimal, made unique by a count. */
function uniqueSuffix(clock: Clock): string {
  sequence = (sequence + 1n) % 1_000_000n;
  return (BigInt(clock.now()) * 1_000_000n + sequence).toString(16);
}

/** The `core/v1 ObjectReference` of an object. */
export function referenceTo(object: KubeObject, fieldPath?: string): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}
