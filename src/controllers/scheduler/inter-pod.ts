import { compileSelector, type Pod, type PodAffinityTerm } from '../../kube/index.ts';
import type { Candidate } from './candidate.ts';

function domainOf(candidate: Candidate, topologyKey: string): string | undefined {
  return candidate.node.metadata.labels?.[topologyKey];
}

function selects(term: PodAffinityTerm, owner: Pod, other: Pod): boolean {
  const own = owner.metadata.namespace ?? '';
  const namespaces = term.namespaces?.length ? term.namespaces : [own];
  return (
    namespaces.includes(other.metadata.namespace ?? '') &&
    compileSelector(term.labelSelector).matches(other.metadata.labels)
  );
}

/** Pods that share the candidate's domain under a topology key. */
function neighbours(
  candidate: Candidate,
  all: readonly Candidate[],
  topologyKey: string,
): readonly Pod[] {
  const domain = domainOf(candidate, topologyKey);
  if (domain === undefined) return [];
  return all.filter((other) => domainOf(other, topologyKey) === domain).flatMap(({ pods }) => pods);
}

function affinityFails(pod: Pod, candidate: Candidate, all: readonly Candidate[]): boolean {
  const terms =
    pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return !terms.every((term) => {
    if (domainOf(candidate, term.topologyKey) === undefined) return false;
    if (neighbours(candidate, all, term.topologyKey).some((other) => selects(term, pod, other)))
      return true;
    // The first pod of a group that wants to be together must be able to start somewhere.
    const isFirst = !all.some(({ pods }) => pods.some((other) => selects(term, pod, other)));
    return isFirst && selects(term, pod, pod);
  });
}

function antiAffinityTerms(pod: Pod): readonly PodAffinityTerm[] {
  return pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function antiAffinityFails(pod: Pod, candidate: Candidate, all: readonly Candidate[]): boolean {
  return antiAffinityTerms(pod).some((term) =>
    neighbours(candidate, all, term.topologyKey).some((other) => selects(term, pod, other)),
  );
}

/** The anti-affinity of pods that are already there holds against newcomers too. */
function existingAntiAffinityFails(
  pod: Pod,
  candidate: Candidate,
  all: readonly Candidate[],
): boolean {
  return all.some((place) =>
    place.pods.some((other) =>
      antiAffinityTerms(other).some(
        (term) =>
          selects(term, other, pod) &&
          domainOf(place, term.topologyKey) !== undefined &&
          domainOf(place, term.topologyKey) === domainOf(candidate, term.topologyKey),
      ),
    ),
  );
}

function spreadFails(pod: Pod, candidate: Candidate, all: readonly Candidate[]): boolean {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
    .some((constraint) => {
      const selector = compileSelector(constraint.labelSelector);
      const counts = new Map<string, number>();
      for (const place of all) {
        const domain = domainOf(place, constraint.topologyKey);
        if (domain === undefined) continue;
        const matching = place.pods.filter(
          (other) =>
            other.metadata.namespace === pod.metadata.namespace &&
            selector.matches(other.metadata.labels),
        ).length;
        counts.set(domain, (counts.get(domain) ?? 0) + matching);
      }
      const domain = domainOf(candidate, constraint.topologyKey);
      if (domain === undefined) return true;
      const self = selector.matches(pod.metadata.labels) ? 1 : 0;
      const fewest = Math.min(...counts.values());
      return (counts.get(domain) ?? 0) + self - fewest > constraint.maxSkew;
    });
}

/** Pod affinity, anti-affinity (both ways) and topology spread, the required ones. */
export function interPodFailures(
  pod: Pod,
  candidate: Candidate,
  all: readonly Candidate[],
): readonly string[] {
  if (affinityFails(pod, candidate, all)) return ["node(s) didn't match pod affinity rules"];
  if (antiAffinityFails(pod, candidate, all))
    return ["node(s) didn't match pod anti-affinity rules"];
  if (existingAntiAffinityFails(pod, candidate, all)) {
    return ["node(s) didn't satisfy existing pods anti-affinity rules"];
  }
  return spreadFails(pod, candidate, all)
    ? ["node(s) didn't match pod topology spread constraints"]
    : [];
}
