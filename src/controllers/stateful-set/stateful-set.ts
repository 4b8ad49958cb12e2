import { controllerRevisionKind, keyOf, podKind, statefulSetKind } from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import { COMPONENT, StatefulSetReconciler } from './reconcile.ts';

/** Keeps the pods of StatefulSets, each under its own name. */
export function startStatefulSetController(context: ControllerContext): Controller {
  const sets = context.informers.of(statefulSetKind);
  const pods = context.informers.of(podKind);
  const { queue, controller } = startLoop({
    name: COMPONENT,
    context,
    caches: [sets, pods, context.informers.of(controllerRevisionKind)],
    reconcile: (key) => reconciler.reconcile(key),
  });
  const reconciler = new StatefulSetReconciler(context, { sets, pods }, (key, delayMs) =>
    queue.addAfter(key, delayMs),
  );
  sets.onChange(({ previous, next }) => {
    const set = next ?? previous;
    if (set !== undefined) queue.add(keyOf(set));
  });
  pods.onChange(({ previous, next }) => {
    for (const key of reconciler.owned.changed(previous, next)) queue.add(key);
  });
  return controller;
}
