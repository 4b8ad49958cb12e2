import type { Informer } from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
import type { EndpointSlice, Pod } from '../kube/index.ts';

/** The index of slices by the pods they name. */
const TARGET_INDEX = 'targetUid';
/** How long a pod waits at most for its endpoints to go: a stuck controller must not keep pods from ending. */
const LIMIT_MS = 2000;

export interface DrainOptions {
  readonly clock: Clock;
  readonly slices: Informer<EndpointSlice>;
}

/**
 * Resolves when the rules follow the cache: nodes program a change in the turn of the event loop after it, and whoever waits
 * from now on comes after them.
 */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Tells when no node sends new connections to a pod any more: its endpoints are no longer ready in the cache, and what the
 * cache says is in every node's kernel. Signals come after that: a rollout drops nothing (k/k #43576).
 */
export class Drain {
  private readonly options: DrainOptions;
  private readonly waiting = new Set<() => void>();

  constructor(options: DrainOptions) {
    this.options = options;
    options.slices.indexBy(TARGET_INDEX, (slice) =>
      slice.endpoints.map(({ targetRef }) => targetRef?.uid ?? ''),
    );
    options.slices.onChange(() => {
      for (const look of this.waiting) look();
    });
  }

  private isReady(uid: string): boolean {
    return this.options.slices
      .byIndex(TARGET_INDEX, uid)
      .some(({ endpoints }) =>
        endpoints.some(
          ({ targetRef, conditions }) => targetRef?.uid === uid && conditions?.ready !== false,
        ),
      );
  }

  /** Resolves when the pod is drained, or after two seconds. */
  async drained(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? '';
    if (this.isReady(uid)) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          cancel();
          this.waiting.delete(look);
          resolve();
        };
        const look = (): void => {
          if (!this.isReady(uid)) done();
        };
        const cancel = this.options.clock.setTimer(LIMIT_MS, done);
        this.waiting.add(look);
      });
    }
    await nextTurn();
  }
}
