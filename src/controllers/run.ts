import { WorkQueue } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import { ApiError } from '../kube/index.ts';
import type { Informer } from '../client/index.ts';
import type { Controller, ControllerContext } from './controller.ts';

export interface LoopOptions {
  readonly name: string;
  readonly context: ControllerContext;
  /** No key is handled before all of these are synced. */
  readonly caches: readonly Pick<Informer<never>, 'synced'>[];
  /** Reconciles one key; a rejection repeats it with back-off. */
  reconcile(key: string): Promise<void>;
}

/** Another writer was quicker, or the object went meanwhile: the loop comes back without a word and sees it. */
function isOvertaken(error: unknown): boolean {
  return error instanceof ApiError && ['Conflict', 'NotFound'].includes(error.reason);
}

/** The loop that every controller runs: a queue of keys and one reconciliation of each at a time. */
export function startLoop(options: LoopOptions): {
  readonly queue: WorkQueue;
  readonly controller: Controller;
} {
  const { name, context, caches } = options;
  const ready = Promise.all(caches.map(({ synced }) => synced));
  const queue = new WorkQueue({
    clock: context.clock,
    process: async (key) => {
      await ready;
      await options.reconcile(key);
    },
    onError: (key, error) => {
      if (!isOvertaken(error)) context.log(`${name}: ${key}: ${messageOf(error)}`);
    },
  });
  return { queue, controller: { name, close: () => queue.close() } };
}
