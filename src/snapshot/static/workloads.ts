import {
  compileSelector,
  type AnyObject,
  type LabelSelector,
  type Pod,
  type PodTemplateSpec,
  type StringMap,
} from '../../kube/index.ts';

/** The kinds that make pods of a template. */
export const workloadKinds: readonly string[] = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
];

interface WorkloadSpec {
  readonly replicas?: number;
  readonly suspend?: boolean;
  readonly selector?: LabelSelector | StringMap;
  readonly template?: PodTemplateSpec;
  readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } };
}

function specOf(object: AnyObject): WorkloadSpec {
  return object['spec'] ?? {};
}

/** The template of a workload's pods, wherever its kind keeps it. */
export function templateOf(object: AnyObject): PodTemplateSpec | undefined {
  const { template, jobTemplate } = specOf(object);
  return template ?? jobTemplate?.spec?.template;
}

/** Where {@link templateOf} found it, as a path of fields. */
export function templatePath(object: AnyObject): readonly string[] {
  return specOf(object).template === undefined
    ? ['spec', 'jobTemplate', 'spec', 'template']
    : ['spec', 'template'];
}

/** Whether a pod is one of the workload's, by its selector; of a workload without one, by the template's labels. */
export function belongsTo(pod: Pod, workload: AnyObject): boolean {
  if (pod.metadata.namespace !== workload.metadata.namespace) return false;
  if (pod.metadata.ownerReferences?.some(({ name, kind }) => isNamed(workload, kind, name))) {
    return true;
  }
  return selectorOf(workload).matches(pod.metadata.labels);
}

function isNamed(workload: AnyObject, kind: string, name: string): boolean {
  return workload.kind === kind && workload.metadata.name === name;
}

function selectorOf(workload: AnyObject) {
  const { selector } = specOf(workload);
  const labels = templateOf(workload)?.metadata?.labels;
  if (selector === undefined) return compileSelector(labels && { matchLabels: labels });
  const isMap = workload.kind === 'ReplicationController';
  return compileSelector(isMap ? { matchLabels: selector as StringMap } : selector);
}

/**
 * How many pods a workload is stood for by: one, because all are alike; each of a StatefulSet's, because they have names;
 * none where it makes none.
 */
function countOf(object: AnyObject): number {
  const { replicas = 1, suspend = false } = specOf(object);
  if (suspend) return 0;
  return object.kind === 'StatefulSet' ? replicas : Math.min(replicas, 1);
}

function labelsOf(workload: AnyObject, name: string, ordinal: number): Record<string, string> {
  const { labels = {} } = templateOf(workload)?.metadata ?? {};
  if (workload.kind !== 'StatefulSet') return { ...labels };
  return {
    ...labels,
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
}

/** The pods that a workload of a manifest would make, as far as that is known before. */
export function stampPods(workload: AnyObject): Pod[] {
  const template = templateOf(workload);
  if (template === undefined) return [];
  const { name: base, namespace = 'default' } = workload.metadata;
  return Array.from({ length: countOf(workload) }, (_, ordinal) => {
    const name = `${base}-${ordinal}`;
    const owner = { apiVersion: workload.apiVersion, kind: workload.kind, name: base, uid: '' };
    const subdomain = workload.kind === 'StatefulSet' ? subdomainOf(workload, name) : {};
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        labels: labelsOf(workload, name, ordinal),
        ownerReferences: [{ ...owner, controller: true }],
      },
      spec: { ...structuredClone(template.spec), ...subdomain },
    };
  });
}

/** Pods of a StatefulSet have names below its governing Service. */
function subdomainOf({ spec }: AnyObject, hostname: string) {
  const { serviceName = '' } = spec as { serviceName?: string };
  return serviceName === '' ? {} : { hostname, subdomain: serviceName };
}
