import type { StoreEvent, StoreWatch, WatchHandlers } from '../store.ts';
import type { History } from './history.ts';

/** Events that one watch gets before the others have their turn. */
const eventsPerTurn = 512;

interface Watcher {
  readonly prefix: string;
  readonly handlers: WatchHandlers;
  /** The newest revision that this watcher has seen or skipped. */
  position: number;
}

/** A handler failed even at hearing that it failed: nobody is left to tell but the process. */
function surface(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/**
 * Delivers history to watchers. Each keeps a position in the one shared history, so a watcher costs no queue, starts
 * in the past without a gap, and finds out by itself when it fell behind the window. Delivery is always in a turn of
 * its own: never inside the write that caused it, nor inside another handler.
 */
export class WatchHub {
  private readonly history: History;
  private readonly watchers = new Set<Watcher>();
  private scheduled = false;

  constructor(history: History) {
    this.history = history;
  }

  /** @throws ApiError `Expired` */
  watch(options: { prefix: string; after: number }, handlers: WatchHandlers): StoreWatch {
    this.history.assertHolds(options.after);
    const watcher: Watcher = { prefix: options.prefix, handlers, position: options.after };
    this.watchers.add(watcher);
    this.notify();
    return {
      close: () => {
        this.watchers.delete(watcher);
      },
    };
  }

  /** Says that the history has grown. */
  notify(): void {
    if (this.scheduled || this.watchers.size === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.deliver();
    });
  }

  /** Ends every watch with `reason`. */
  close(reason: Error): void {
    for (const watcher of this.watchers) this.end(watcher, reason);
  }

  private deliver(): void {
    let behind = false;
    for (const watcher of this.watchers) {
      try {
        this.advance(watcher);
      } catch (error) {
        this.end(watcher, error instanceof Error ? error : new Error(String(error)));
      }
      behind ||= this.watchers.has(watcher) && watcher.position < this.history.newest;
    }
    if (behind) this.notify();
  }

  private advance(watcher: Watcher): void {
    for (let delivered = 0; delivered < eventsPerTurn && this.watchers.has(watcher);) {
      const event: StoreEvent | undefined = this.history.at(watcher.position + 1);
      if (event === undefined) return;
      watcher.position = event.revision;
      if (!event.key.startsWith(watcher.prefix)) continue;
      delivered += 1;
      watcher.handlers.onEvent(event);
    }
  }

  private end(watcher: Watcher, reason: Error): void {
    if (!this.watchers.delete(watcher)) return;
    try {
      watcher.handlers.onEnd(reason);
    } catch (error) {
      surface(error);
    }
  }
}
