import { controllerOf, deploymentKind, keyOf, podKind, replicaSetKind } from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import { COMPONENT, DeploymentReconciler, OWNER_INDEX } from './reconcile.ts';

/** Rolls Deployments out through ReplicaSets. */
export function startDeploymentController(context: ControllerContext): Controller {
  const deployments = context.informers.of(deploymentKind);
  const sets = context.informers.of(replicaSetKind);
  const pods = context.informers.of(podKind);
  pods.indexBy(OWNER_INDEX, (pod) => [controllerOf(pod)?.uid ?? '']);
  const { queue, controller } = startLoop({
    name: COMPONENT,
    context,
    caches: [deployments, sets, pods],
    reconcile: (key) => reconciler.reconcile(key),
  });
  const reconciler = new DeploymentReconciler(
    context,
    { deployments, sets, pods },
    (key, delayMs) => queue.addAfter(key, delayMs),
  );
  deployments.onChange(({ previous, next }) => {
    const deployment = next ?? previous;
    if (deployment !== undefined) queue.add(keyOf(deployment));
  });
  sets.onChange(({ previous, next }) => {
    const set = next ?? previous;
    const owner = set === undefined ? undefined : controllerOf(set);
    if (set !== undefined && owner?.kind === 'Deployment') {
      queue.add(`${set.metadata.namespace ?? ''}/${owner.name}`);
    }
  });
  // Recreate waits for the last old pod to go; no other event tells of that.
  pods.onChange(({ previous, next }) => {
    const owner = next === undefined && previous !== undefined ? controllerOf(previous) : undefined;
    if (owner?.kind !== 'ReplicaSet') return;
    const set = sets.get(`${previous?.metadata.namespace ?? ''}/${owner.name}`);
    const deployment = set === undefined ? undefined : controllerOf(set);
    if (deployment !== undefined) queue.add(`${set?.metadata.namespace ?? ''}/${deployment.name}`);
  });
  return controller;
}
