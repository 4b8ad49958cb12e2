import type {
  ClusterNetworkPolicy,
  ClusterPolicyAction,
  ClusterPolicyEgressPeer,
  ClusterPolicyProtocol,
  Pod,
  PolicyTier,
} from '../../kube/index.ts';
import type { Direction, NearMiss, PolicyRef, PolicyWorld, RuleRef } from '../contract.ts';
import { clusterPeerMiss, isKnownPeer, selectionOf } from '../matching/cluster-peer.ts';
import { clusterPortMiss, plainPort } from '../matching/cluster-port.ts';
import { podMiss } from '../matching/pod-selection.ts';
import { nearestPortMiss } from './network-policy.ts';
import { destinationPod, type Answer, type Evaluator, type Question } from './question.ts';

/** A rule of either direction. */
export interface ClusterRule {
  readonly action: ClusterPolicyAction;
  readonly peers: readonly ClusterPolicyEgressPeer[];
  readonly protocols: readonly ClusterPolicyProtocol[];
  readonly at: string;
  readonly peersAt: string;
}

/**
 * The ClusterNetworkPolicies of one tier: the first rule that matches decides, in order of priority, then name, then
 * rule. `Pass` leaves the tier; there is no isolation by selection.
 */
export function evaluateClusterPolicies(tier: PolicyTier): Evaluator {
  return (question) => {
    const { world, direction, subject } = question;
    const policies = selectingPolicies(world, { tier, direction, pod: subject.pod });
    const selecting = policies.map(refOf);
    const misses: NearMiss[] = [];
    for (const policy of policies) {
      const decidedBy = evaluatePolicy(policy, question, misses);
      if (decidedBy === undefined) continue;
      if (decidedBy.action === 'Pass') break;
      const decision = decidedBy.action === 'Accept' ? 'accept' : 'deny';
      return { decision, selecting, decidedBy, misses };
    }
    return { decision: 'next', selecting, misses } satisfies Answer;
  };
}

export function refOf({ metadata: { name }, spec: { tier } }: ClusterNetworkPolicy): PolicyRef {
  return { kind: 'ClusterNetworkPolicy', name, tier };
}

/** The order in which policies of one tier are read; equal priorities go by name, so that it never wavers. */
export function comparePrecedence(one: ClusterNetworkPolicy, two: ClusterNetworkPolicy): number {
  return one.spec.priority - two.spec.priority || (one.metadata.name < two.metadata.name ? -1 : 1);
}

export function rulesOf({ spec }: ClusterNetworkPolicy, direction: Direction): ClusterRule[] {
  const side = direction === 'ingress' ? 'from' : 'to';
  const rules =
    direction === 'ingress'
      ? (spec.ingress ?? []).map((rule) => ({ ...rule, peers: rule.from }))
      : (spec.egress ?? []).map((rule) => ({ ...rule, peers: rule.to }));
  return rules.map(({ action, peers, protocols }, index) => ({
    action,
    peers: peers ?? [],
    protocols: protocols ?? [],
    at: `${direction}[${index}]`,
    peersAt: `${direction}[${index}].${side}`,
  }));
}

/**
 * Whether all of the rule is understood. If not, it is of a later version of the API and fails closed: an Accept
 * matches nothing, a Deny or Pass denies everything.
 */
export function isUnderstood({ action, peers, protocols }: ClusterRule): boolean {
  return (
    peers.length > 0 &&
    peers.every(isKnownPeer) &&
    (action === 'Accept' || peers.every(({ domainNames }) => domainNames === undefined)) &&
    protocols.every((entry) => plainPort(entry) !== undefined)
  );
}

/** What {@link selectingPolicies} is asked. */
interface Selection {
  readonly tier: PolicyTier;
  readonly direction: Direction;
  readonly pod: Pod;
}

/** The policies of a tier that select a pod; one without rules of the direction has no say in it. */
export function selectingPolicies(
  world: PolicyWorld,
  { tier, direction, pod }: Selection,
): ClusterNetworkPolicy[] {
  return [...world.clusterPolicies.values()]
    .filter((policy) => policy.spec.tier === tier && rulesOf(policy, direction).length > 0)
    .filter((policy) => isSubject(world, policy, pod))
    .sort(comparePrecedence);
}

export function isSubject(
  world: Pick<PolicyWorld, 'namespaces'>,
  { spec }: ClusterNetworkPolicy,
  pod: Pod,
): boolean {
  const selection = selectionOf(spec.subject, 'subject');
  return selection !== undefined && podMiss(world, pod, selection) === undefined;
}

/** The first rule that matches. Accepts that do not are put among the misses. */
function evaluatePolicy(
  policy: ClusterNetworkPolicy,
  question: Question,
  misses: NearMiss[],
): RuleRef | undefined {
  const ref = refOf(policy);
  for (const [index, rule] of rulesOf(policy, question.direction).entries()) {
    const found = evaluateRule(question.world, rule, question);
    if (!('missed' in found)) return { policy: ref, rule: index, ...found };
    if (rule.action === 'Accept') misses.push({ policy: ref, rule: index, ...found });
  }
  return undefined;
}

function evaluateRule(
  world: PolicyWorld,
  rule: ClusterRule,
  question: Question,
): Pick<RuleRef, 'action' | 'peer' | 'port'> | Pick<NearMiss, 'missed' | 'detail'> {
  if (!isUnderstood(rule)) {
    return rule.action === 'Accept'
      ? {
          missed: 'PEER',
          detail: `${rule.at} has a field that is not known here: it admits nothing`,
        }
      : { action: 'Deny', peer: -1, port: -1 };
  }
  const peers = rule.peers.map((peer, index) =>
    clusterPeerMiss(world, peer, question.peer, `${rule.peersAt}[${index}]`),
  );
  const peer = peers.indexOf(undefined);
  if (peer === -1) return { missed: 'PEER', detail: peers.join('; ') };
  const asked = { ...question, destination: destinationPod(question) };
  const ports = rule.protocols.map((entry, index) =>
    clusterPortMiss(entry, asked, `${rule.at}.protocols[${index}]`),
  );
  const port = ports.indexOf(undefined);
  if (ports.length > 0 && port === -1) return nearestPortMiss(ports);
  return { action: rule.action, peer, port };
}
