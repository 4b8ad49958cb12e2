import { controllerOf, jobKind, keyOf, podKind, type Pod } from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import { isTracked } from './job-pod.ts';
import { COMPONENT, JobReconciler, TRACKED_INDEX } from './reconcile.ts';

/** The Job that a tracked pod belongs or, when it was orphaned, belonged to. */
function jobKeyOf(pod: Pod): string[] {
  if (!isTracked(pod)) return [];
  const owner = controllerOf(pod);
  const label = pod.metadata.labels?.['batch.kubernetes.io/job-name'];
  const name = owner?.kind === 'Job' ? owner.name : label;
  return name === undefined ? [] : [`${pod.metadata.namespace ?? ''}/${name}`];
}

/** Runs Jobs to their completion. */
export function startJobController(context: ControllerContext): Controller {
  const jobs = context.informers.of(jobKind);
  const pods = context.informers.of(podKind);
  pods.indexBy(TRACKED_INDEX, jobKeyOf);
  const { queue, controller } = startLoop({
    name: COMPONENT,
    context,
    caches: [jobs, pods],
    reconcile: (key) => reconciler.reconcile(key),
  });
  const reconciler = new JobReconciler(context, { jobs, pods }, (key, delayMs) =>
    queue.addAfter(key, delayMs),
  );
  jobs.onChange(({ previous, next }) => {
    const job = next ?? previous;
    if (job !== undefined) queue.add(keyOf(job));
  });
  pods.onChange(({ previous, next }) => {
    const keys = reconciler.owned.changed(previous, next);
    for (const key of [...keys, ...(next === undefined ? [] : jobKeyOf(next))]) queue.add(key);
  });
  return controller;
}
