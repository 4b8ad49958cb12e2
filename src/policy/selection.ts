import type { ClusterNetworkPolicy, NetworkPolicy, Pod } from '../kube/index.ts';
import type { Direction, PolicyRef, PolicyWorld } from './contract.ts';
import * as cluster from './evaluators/cluster-network-policy.ts';
import * as plain from './evaluators/network-policy.ts';
import { isPolicyPod } from './policy-pods.ts';

/** The pods among these that a policy selects, in either direction. */
export function selects(
  world: Pick<PolicyWorld, 'namespaces'>,
  policy: NetworkPolicy | ClusterNetworkPolicy,
  pods: Iterable<Pod>,
): Pod[] {
  const isSelected = (pod: Pod): boolean =>
    isClusterPolicy(policy) ? cluster.isSubject(world, policy, pod) : plain.isTarget(policy, pod);
  return [...pods].filter((pod) => isPolicyPod(pod) && isSelected(pod));
}

/** The policies that select a pod, for each direction, in the order they are read. */
export function policiesOf(
  world: PolicyWorld,
  pod: Pod,
): Readonly<Record<Direction, readonly PolicyRef[]>> {
  return { egress: refs(world, pod, 'egress'), ingress: refs(world, pod, 'ingress') };
}

function refs(world: PolicyWorld, pod: Pod, direction: Direction): PolicyRef[] {
  if (!isPolicyPod(pod)) return [];
  const tier = (name: 'Admin' | 'Baseline'): PolicyRef[] =>
    cluster.selectingPolicies(world, { tier: name, direction, pod }).map(cluster.refOf);
  return [
    ...tier('Admin'),
    ...plain.selectingPolicies(world, direction, pod).map(plain.refOf),
    ...tier('Baseline'),
  ];
}

export function isClusterPolicy(
  policy: NetworkPolicy | ClusterNetworkPolicy,
): policy is ClusterNetworkPolicy {
  return policy.kind === 'ClusterNetworkPolicy';
}
