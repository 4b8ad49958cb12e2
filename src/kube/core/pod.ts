import type { KindDefinition } from '../kind.ts';
import { podColumns } from './pod-columns.ts';
import { defaultPod } from './pod-defaults.ts';
import { isPodTerminal, type Pod } from './pod-types.ts';
import { validatePodUpdate } from './pod-update.ts';
import { qosClass } from './qos.ts';
import { validatePod, validatePodStatus } from './validate-pod.ts';

export const podKind: KindDefinition<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  schema: 'io.k8s.api.core.v1.Pod',
  namespaced: true,
  hasStatus: true,
  hasGeneration: true,
  columns: podColumns,
  fields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
    'status.podIPs': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
  graceSeconds,
  defaults: defaultPod,
  prepareCreate: (pod) => {
    // A pod without a spec comes here, too: validation, which runs later, refuses it.
    pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec ?? { containers: [] }) };
  },
  prepareUpdate: (next, previous) => {
    next.status = previous.status;
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatus: validatePodStatus,
};

/** A pod that no node runs, or that has ended, has nothing to shut down. */
function graceSeconds(pod: Pod): number {
  const isIdle = (pod.spec.nodeName ?? '') === '' || isPodTerminal(pod);
  return isIdle ? 0 : Math.max(0, pod.spec.terminationGracePeriodSeconds ?? 30);
}
