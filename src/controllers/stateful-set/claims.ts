import type { StatefulSet, Volume } from '../../kube/index.ts';

function claimNames({ spec }: StatefulSet): string[] {
  return (spec.volumeClaimTemplates ?? []).flatMap(({ metadata }) => metadata.name ?? []);
}

/**
 * A pod's volumes with one for each of the set's claims. Nothing provisions storage here, so that a claim would stay
 * pending and the pod with it: each is an emptyDir, which goes with its pod.
 */
export function claimVolumes(set: StatefulSet, volumes: readonly Volume[]): Volume[] {
  const claims = claimNames(set);
  return [
    ...volumes.filter(({ name }) => !claims.includes(name)),
    ...claims.map((name): Volume => ({ name, emptyDir: {} })),
  ];
}

/** What is to be told about {@link claimVolumes}; undefined when there are no claims. */
export function claimNotice(set: StatefulSet): string | undefined {
  const claims = claimNames(set);
  if (claims.length === 0) return undefined;
  return `volumeClaimTemplates ${claims.join(', ')}: no storage is provisioned here; each pod gets an emptyDir instead, which goes with the pod`;
}
