import {
  daemonSetKind,
  type ControllerRevision,
  type DaemonSet,
  type Pod,
  type Toleration,
} from '../../kube/index.ts';
import { podOf } from '../owned-pods/pod-of.ts';
import { randomSuffix } from '../random-suffix.ts';

/** The label of a pod, and of a ControllerRevision, that carries the hash of its template. */
export const HASH_LABEL = 'controller-revision-hash';

const NODE_NAME = 'metadata.name';
const longestName = 63;

/** A daemon stands by its node through all of this; only a taint that the user made keeps it away. */
const endured: readonly (readonly [condition: string, effect: 'NoExecute' | 'NoSchedule'])[] = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
];

function tolerationsOf(pod: Pod): Toleration[] {
  const own = pod.spec.tolerations ?? [];
  const all =
    pod.spec.hostNetwork === true
      ? [...endured, ['network-unavailable', 'NoSchedule'] as const]
      : endured;
  const added = all.map(([condition, effect]): Toleration => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect,
  }));
  const isNew = ({ key, effect }: Toleration): boolean =>
    !own.some((one) => one.key === key && one.effect === effect && one.operator === 'Exists');
  return [...own, ...added.filter(isNew)];
}

export function hashOf(object: Pod | ControllerRevision): string {
  return object.metadata.labels?.[HASH_LABEL] ?? '';
}

/** The set's pod for one node: the scheduler may put it nowhere else. */
export function daemonPod(set: DaemonSet, node: string, hash: string): Pod {
  const suffix = randomSuffix();
  const base = `${set.metadata.name}-`;
  const pod = podOf(daemonSetKind, set, {
    name: `${base.slice(0, longestName - suffix.length)}${suffix}`,
    generateName: base,
    template: set.spec.template,
    labels: { [HASH_LABEL]: hash },
  });
  const here = { matchFields: [{ key: NODE_NAME, operator: 'In' as const, values: [node] }] };
  pod.spec.tolerations = tolerationsOf(pod);
  pod.spec.affinity = {
    ...pod.spec.affinity,
    nodeAffinity: {
      ...pod.spec.affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [here] },
    },
  };
  return pod;
}

/** The node that a daemon pod is on, or waits for. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms
    .flatMap(({ matchFields = [] }) => matchFields)
    .find(({ key }) => key === NODE_NAME)?.values?.[0];
}
