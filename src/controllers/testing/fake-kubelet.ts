import type { StartController } from '../controller.ts';
import { ApiError, keyOf, podKind, type Pod } from '../../kube/index.ts';
import { startLoop } from '../run.ts';
import { readyCondition } from './objects.ts';

/** Which pods start well. */
export type Health = (pod: Pod) => boolean;

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'NotFound';
}

/**
 * Runs every pod as nodes would, at once: ready when `isHealthy` says so, with an address of its own, removed when
 * deleted.
 */
export function fakeKubelet(isHealthy: Health = () => true): StartController {
  let addresses = 0;
  return (context) => {
    const pods = context.informers.of(podKind);

    async function reconcile(key: string): Promise<void> {
      const pod = pods.get(key);
      if (pod === undefined) return;
      const { name, namespace = '', deletionTimestamp } = pod.metadata;
      const ref = { name, namespace };
      try {
        if (deletionTimestamp !== undefined)
          await context.client.delete(podKind, ref, { gracePeriodSeconds: 0 });
        else if (pod.status?.podIPs === undefined && isHealthy(pod)) {
          addresses += 1;
          const podIPs = [{ ip: `10.244.${addresses >> 8}.${addresses & 255}` }];
          const now = new Date(context.clock.now()).toISOString();
          const status = {
            phase: 'Running' as const,
            podIPs,
            conditions: [readyCondition(true, now)],
          };
          await context.client.patch(
            podKind,
            { ...ref, subresource: 'status' },
            { type: 'merge', body: { status } },
          );
        }
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }

    const { queue, controller } = startLoop({
      name: 'fake-kubelet',
      context,
      caches: [pods],
      reconcile,
    });
    pods.onChange(({ next }) => {
      if (next !== undefined) queue.add(keyOf(next));
    });
    return controller;
  };
}
