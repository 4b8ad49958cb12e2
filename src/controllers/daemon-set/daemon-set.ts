import { isDeepStrictEqual } from 'node:util';
import {
  controllerRevisionKind,
  daemonSetKind,
  keyOf,
  nodeKind,
  podKind,
  type Node,
} from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import { COMPONENT, DaemonSetReconciler } from './reconcile.ts';

/** What of a node decides about its daemons; heartbeats do not. */
function traitsOf(node: Node | undefined): unknown {
  return node === undefined ? undefined : [node.metadata.labels, node.spec];
}

/** Keeps a pod of every DaemonSet on every node that it wants. */
export function startDaemonSetController(context: ControllerContext): Controller {
  const sets = context.informers.of(daemonSetKind);
  const nodes = context.informers.of(nodeKind);
  const pods = context.informers.of(podKind);
  const { queue, controller } = startLoop({
    name: COMPONENT,
    context,
    caches: [sets, nodes, pods, context.informers.of(controllerRevisionKind)],
    reconcile: (key) => reconciler.reconcile(key),
  });
  const reconciler = new DaemonSetReconciler(context, { sets, nodes, pods }, (key, delayMs) =>
    queue.addAfter(key, delayMs),
  );
  sets.onChange(({ previous, next }) => {
    const set = next ?? previous;
    if (set !== undefined) queue.add(keyOf(set));
  });
  nodes.onChange(({ previous, next }) => {
    if (isDeepStrictEqual(traitsOf(previous), traitsOf(next))) return;
    for (const set of sets.list()) queue.add(keyOf(set));
  });
  pods.onChange(({ previous, next }) => {
    for (const key of reconciler.owned.changed(previous, next)) queue.add(key);
  });
  return controller;
}
