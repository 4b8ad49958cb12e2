import { controllerOf, cronJobKind, jobKind, keyOf, type Job } from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import { COMPONENT, CronJobReconciler, OWNER_INDEX } from './reconcile.ts';

function cronJobOf(job: Job | undefined): string[] {
  const owner = job === undefined ? undefined : controllerOf(job);
  return owner?.kind === 'CronJob' ? [`${job?.metadata.namespace ?? ''}/${owner.name}`] : [];
}

/** Starts the Jobs of CronJobs when their time has come. */
export function startCronJobController(context: ControllerContext): Controller {
  const cronJobs = context.informers.of(cronJobKind);
  const jobs = context.informers.of(jobKind);
  jobs.indexBy(OWNER_INDEX, (job) => [controllerOf(job)?.uid ?? '']);
  const { queue, controller } = startLoop({
    name: COMPONENT,
    context,
    caches: [cronJobs, jobs],
    reconcile: (key) => reconciler.reconcile(key),
  });
  const reconciler = new CronJobReconciler(context, { cronJobs, jobs }, (key, delayMs) =>
    queue.addAfter(key, delayMs),
  );
  cronJobs.onChange(({ previous, next }) => {
    const cronJob = next ?? previous;
    if (cronJob !== undefined) queue.add(keyOf(cronJob));
  });
  jobs.onChange(({ previous, next }) => {
    for (const key of new Set([...cronJobOf(previous), ...cronJobOf(next)])) queue.add(key);
  });
  return controller;
}
