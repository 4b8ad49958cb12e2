import {
  cronJobKind,
  ownerReference,
  type CronJob,
  type Job,
  type ObjectReference,
} from '../../kube/index.ts';
import { timeText } from './due.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** The Job of one time of the schedule. Its name tells the minute: the same time cannot be started twice. */
export function scheduledJob(cronJob: CronJob, scheduled: number): Job {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${cronJob.metadata.name}-${Math.floor(scheduled / 60_000)}`,
      namespace: cronJob.metadata.namespace ?? '',
      ...(metadata.labels === undefined ? {} : { labels: { ...metadata.labels } }),
      annotations: { ...metadata.annotations, [SCHEDULED_AT]: timeText(scheduled) },
      ownerReferences: [ownerReference(cronJobKind, cronJob)],
    },
    spec: structuredClone(spec),
  };
}

/** How `status.active` names a Job. */
export function referenceTo({ metadata }: Job): ObjectReference {
  const { name, namespace = '', uid = '', resourceVersion = '' } = metadata;
  return { apiVersion: 'batch/v1', kind: 'Job', namespace, name, uid, resourceVersion };
}
