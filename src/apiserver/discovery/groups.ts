import type { DiscoverySource } from './api-resources.ts';

/** One API group with its versions, the preferred one first. */
export interface ApiGroup {
  /** Empty: the core group. */
  readonly name: string;
  readonly versions: readonly string[];
}

const versionForm = /^v(?<major>\d+)(?:(?<stage>alpha|beta)(?<minor>\d+))?$/;
const stages: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

/** [is a Kubernetes version, stage, major, minor]: greater is preferred. */
function rank(version: string): readonly number[] {
  const groups = versionForm.exec(version)?.groups;
  if (groups === undefined) return [0, 0, 0, 0];
  const stage = groups['stage'] === undefined ? 2 : (stages[groups['stage']] ?? 0);
  return [1, stage, Number(groups['major']), Number(groups['minor'] ?? 0)];
}

/** Orders versions as Kubernetes prefers them: v2, v1, v1beta2, v1alpha1, then any other by name. */
export function compareVersions(one: string, two: string): number {
  const others = rank(two);
  const difference = rank(one)
    .map((value, index) => (others[index] ?? 0) - value)
    .find((value) => value !== 0);
  return difference ?? (one < two ? -1 : 1);
}

/** All groups in the order of their first kind. */
export function apiGroups(source: DiscoverySource): ApiGroup[] {
  const groups = new Map<string, Set<string>>();
  for (const { group, version } of [...source.kinds(), ...source.reviews]) {
    groups.set(group, (groups.get(group) ?? new Set()).add(version));
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions].sort(compareVersions),
  }));
}
