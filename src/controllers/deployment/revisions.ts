import type { Deployment, ReplicaSet, StringMap } from '../../kube/index.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** Annotations of a Deployment that its ReplicaSets do not inherit. */
const notInherited = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

export function revisionOf(object: Deployment | ReplicaSet): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0) || 0;
}

/** The revision that the newest template has: one more than any older one. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/** The annotations of the ReplicaSet of the newest template, among them the change-cause of the rollout. */
export function newSetAnnotations(
  deployment: Deployment,
  existing: StringMap | undefined,
  numbers: { readonly revision: number; readonly desired: number; readonly max: number },
): StringMap {
  const inherited = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([name]) => !notInherited.has(name),
  );
  const before = existing?.[REVISION];
  const isMoved = before !== undefined && Number(before) < numbers.revision;
  const history = isMoved
    ? [existing?.[REVISION_HISTORY], before].filter((part) => part !== undefined).join(',')
    : existing?.[REVISION_HISTORY];
  return {
    ...existing,
    ...Object.fromEntries(inherited),
    [REVISION]: String(Math.max(numbers.revision, Number(before ?? 0))),
    ...(history === undefined ? {} : { [REVISION_HISTORY]: history }),
    [DESIRED_REPLICAS]: String(numbers.desired),
    [MAX_REPLICAS]: String(numbers.max),
  };
}
