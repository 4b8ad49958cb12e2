import { scaledValue, type Deployment, type ReplicaSet } from '../../kube/index.ts';

/** How far a rolling update may stray from the wanted number of pods, in pods. */
export interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Surge rounds up, unavailability down; both zero would never move, so one pod may then be missing. */
export function bounds(deployment: Deployment): Bounds {
  const replicas = deployment.spec.replicas ?? 1;
  const { strategy } = deployment.spec;
  if (strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: replicas };
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, replicas, 'up') ?? 0;
  const unavailable = scaledValue(maxUnavailable, replicas, 'down') ?? 0;
  return {
    maxSurge: surge,
    maxUnavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas),
  };
}

export function wantedOf(set: ReplicaSet): number {
  return set.spec.replicas ?? 1;
}

export function sum(sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + of(set), 0);
}

export function available(set: ReplicaSet): number {
  return set.status?.availableReplicas ?? 0;
}

/** A ReplicaSet and the number of pods it should have. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** How many pods the new ReplicaSet may have now without exceeding the surge. */
export function newReplicas(
  deployment: Deployment,
  newSet: ReplicaSet,
  all: readonly ReplicaSet[],
): number {
  const replicas = deployment.spec.replicas ?? 1;
  const now = wantedOf(newSet);
  if (now >= replicas) return replicas;
  const room = replicas + bounds(deployment).maxSurge - sum(all, wantedOf);
  return room <= 0 ? now : now + Math.min(room, replicas - now);
}

/**
 * Which old ReplicaSets shrink now: first pods that are not available anyway, then, oldest set first, as many available ones
 * as the wanted availability can spare.
 */
export function oldScalings(
  deployment: Deployment,
  newSet: ReplicaSet,
  old: readonly ReplicaSet[],
): Scaling[] {
  const replicas = deployment.spec.replicas ?? 1;
  const minAvailable = replicas - bounds(deployment).maxUnavailable;
  const newUnavailable = wantedOf(newSet) - available(newSet);
  let spare = sum([...old, newSet], wantedOf) - minAvailable - newUnavailable;
  const byAge = old.filter((set) => wantedOf(set) > 0).toSorted((a, b) => age(a) - age(b));
  const target = new Map(byAge.map((set) => [set, wantedOf(set)]));
  const shrink = (set: ReplicaSet, count: number): void => {
    const taken = Math.min(count, spare, target.get(set) ?? 0);
    if (taken <= 0) return;
    target.set(set, (target.get(set) ?? 0) - taken);
    spare -= taken;
  };
  for (const set of byAge) shrink(set, wantedOf(set) - available(set));
  let sparable = sum([...old, newSet], available) - minAvailable;
  for (const set of byAge) {
    if (sparable <= 0) break;
    const before = target.get(set) ?? 0;
    shrink(set, Math.min(sparable, before));
    sparable -= before - (target.get(set) ?? 0);
  }
  return [...target]
    .filter(([set, count]) => count !== wantedOf(set))
    .map(([set, count]) => ({ set, replicas: count }));
}

function age(set: ReplicaSet): number {
  return Date.parse(set.metadata.creationTimestamp ?? '');
}

/**
 * Spreads a change of `spec.replicas` in the middle of a rollout over its ReplicaSets in proportion to their size; what
 * rounding leaves over goes to the largest.
 */
export function proportionalScalings(
  deployment: Deployment,
  active: readonly ReplicaSet[],
): Scaling[] {
  const replicas = deployment.spec.replicas ?? 1;
  const allowed = replicas === 0 ? 0 : replicas + bounds(deployment).maxSurge;
  const total = sum(active, wantedOf);
  let left = allowed - total;
  if (left === 0 || total === 0) return [];
  const bySize = active.toSorted((a, b) => wantedOf(b) - wantedOf(a) || age(b) - age(a));
  const scalings = bySize.map((set) => {
    const share = Math.round((wantedOf(set) * allowed) / total) - wantedOf(set);
    const change =
      left > 0 ? Math.min(left, Math.max(0, share)) : Math.max(left, Math.min(0, share));
    left -= change;
    return { set, replicas: wantedOf(set) + change };
  });
  const [first, ...rest] = scalings;
  if (first === undefined) return [];
  return [{ set: first.set, replicas: Math.max(0, first.replicas + left) }, ...rest].filter(
    ({ set, replicas: count }) => count !== wantedOf(set),
  );
}
