import type { Clock } from '../../clock/index.ts';
import type { KubeObject } from '../../kube/index.ts';
import type { Client } from '../client.ts';
import { EventSeries } from './event-series.ts';

/** What happened to an object. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** The part of the object, e.g. `spec.containers{web}`. */
  readonly fieldPath?: string;
}

/** Tells people what happened to objects, as `core/v1 Event`s. */
export interface EventRecorder {
  /** Returns at once; the Event is written in the background, in order, the same one again as a higher count. */
  event(object: KubeObject, happening: Happening): void;
  /** Resolves when everything told so far is written or was refused. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Who tells, e.g. `default-scheduler`. */
  readonly component: string;
  /** The node it tells from. */
  readonly host?: string;
  /** Hears of Events that could not be written; they are lost. */
  readonly onError: (error: unknown) => void;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const series = new EventSeries(options);
  let last: Promise<void> = Promise.resolve();

  async function write(before: Promise<void>, object: KubeObject, happening: Happening) {
    await before;
    try {
      await series.tell(object, happening);
    } catch (error) {
      options.onError(error);
    }
  }

  return {
    event(object, happening) {
      last = write(last, object, happening);
    },
    flush: () => last,
  };
}
