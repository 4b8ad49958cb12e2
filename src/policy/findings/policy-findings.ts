import { keyOf, type ClusterNetworkPolicy, type NetworkPolicy } from '../../kube/index.ts';
import { refOf as clusterRefOf } from '../evaluators/cluster-network-policy.ts';
import { refOf } from '../evaluators/network-policy.ts';
import { isClusterPolicy, selects } from '../selection.ts';
import { blocksDns } from './dns.ts';
import { failsClosed } from './fails-closed.ts';
import type { Check, FindingWorld, PolicyFinding } from './finding.ts';
import { peersOfNobody } from './peers.ts';
import { unknownPortNames } from './port-names.ts';
import { rulesIn } from './rule-view.ts';
import { unreadableSelectors } from './unreadable-selectors.ts';
import { selectsNoPod } from './selects-no-pod.ts';
import { portsOfServices } from './service-ports.ts';

const checks: readonly Check[] = [
  selectsNoPod,
  unreadableSelectors,
  failsClosed,
  peersOfNobody,
  unknownPortNames,
  portsOfServices,
  blocksDns,
];

/**
 * What is odd about a policy as the cluster is now: warnings, never errors, because pods and namespaces may come later.
 * The policy need not be in the world yet.
 */
export function policyFindings(
  world: FindingWorld,
  policy: NetworkPolicy | ClusterNetworkPolicy,
): PolicyFinding[] {
  const examined = {
    world,
    policy,
    selected: selects(world, policy, world.pods.values()),
    rules: rulesIn(world, policy),
  };
  const ref = isClusterPolicy(policy) ? clusterRefOf(policy) : refOf(policy);
  return checks
    .flatMap((check) => check(examined))
    .map(({ code, field, says }) => ({
      code,
      policy: ref,
      field,
      message: `${ref.kind} ${keyOf(policy)}: ${field} ${says}`,
    }));
}
