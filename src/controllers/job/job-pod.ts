import { jobKind, type Container, type Job, type Pod, type StringMap } from '../../kube/index.ts';
import { podOf } from '../owned-pods/pod-of.ts';
import { randomSuffix } from '../random-suffix.ts';

/** KEP-2307: keeps an ended pod until it is counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** Names of pods are labels of DNS, too. */
const longestName = 63;

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === 'Indexed';
}

export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(TRACKING) === true;
}

/** Which index of its Job a pod works on; undefined for one that has none or a strange one. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX] ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function withIndexVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  const variable = {
    name: INDEX_VARIABLE,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  };
  return { ...container, env: [...env, variable] };
}

/** A pod of the Job; of an indexed one, with its index in name, hostname, label, annotation and environment. */
export function jobPod(job: Job, index: number | undefined): Pod {
  const base = index === undefined ? `${job.metadata.name}-` : `${job.metadata.name}-${index}-`;
  const suffix = randomSuffix();
  const identity: StringMap = index === undefined ? {} : { [COMPLETION_INDEX]: String(index) };
  const pod = podOf(jobKind, job, {
    name: `${base.slice(0, longestName - suffix.length)}${suffix}`,
    generateName: base,
    template: job.spec.template,
    labels: identity,
    annotations: identity,
    finalizers: [TRACKING],
  });
  if (index === undefined) return pod;
  pod.spec.hostname = `${job.metadata.name}-${index}`;
  pod.spec.containers = pod.spec.containers.map(withIndexVariable);
  if (pod.spec.initContainers !== undefined) {
    pod.spec.initContainers = pod.spec.initContainers.map(withIndexVariable);
  }
  return pod;
}
