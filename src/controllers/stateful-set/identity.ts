import {
  statefulSetKind,
  type ControllerRevision,
  type Pod,
  type StatefulSet,
} from '../../kube/index.ts';
import { podOf } from '../owned-pods/pod-of.ts';
import { templateOf } from '../revisions/revision-history.ts';
import { claimVolumes } from './claims.ts';

/** The label of a pod that names its ControllerRevision. */
export const REVISION_LABEL = 'controller-revision-hash';
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** The ordinal in a pod's name; undefined for a pod that is not named after the set. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const { name } = pod.metadata;
  const text = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : undefined;
}

/** The ordinals that the set should have. */
export function ordinalsOf({ spec }: StatefulSet): number[] {
  const start = spec.ordinals?.start ?? 0;
  return Array.from({ length: spec.replicas ?? 1 }, (_, offset) => start + offset);
}

export function revisionOf(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? '';
}

/** The pod of an ordinal: its name is its hostname, too, below the set's governing Service. */
export function statefulPod(set: StatefulSet, ordinal: number, revision: ControllerRevision): Pod {
  const name = `${set.metadata.name}-${ordinal}`;
  const pod = podOf(statefulSetKind, set, {
    name,
    template: templateOf(revision),
    labels: {
      [POD_NAME_LABEL]: name,
      [POD_INDEX_LABEL]: String(ordinal),
      [REVISION_LABEL]: revision.metadata.name,
    },
  });
  const { serviceName = '' } = set.spec;
  pod.spec.hostname = name;
  if (serviceName !== '') pod.spec.subdomain = serviceName;
  const volumes = claimVolumes(set, pod.spec.volumes ?? []);
  if (volumes.length > 0) pod.spec.volumes = volumes;
  return pod;
}
