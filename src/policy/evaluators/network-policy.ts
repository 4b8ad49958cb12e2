import {
  everything,
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  type Pod,
  type Selector,
} from '../../kube/index.ts';
import type { Direction, NearMiss, PolicyRef, PolicyWorld, RuleRef } from '../contract.ts';
import { peerMiss } from '../matching/peer.ts';
import { portMiss, type PortMiss } from '../matching/port.ts';
import { isReadable, selectorFor } from '../selectors.ts';
import { destinationPod, type Answer, type Question } from './question.ts';

/** A rule of either direction. */
export interface PolicyRule {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
  /** `ingress[0]`, and of its peers `ingress[0].from`. */
  readonly at: string;
  readonly peersAt: string;
}

/**
 * The NetworkPolicies: a pod that none selects is for the next tier to judge; a pod that some select is isolated, and a
 * connection passes when any rule of any of them admits it (rows 3, 34).
 */
export function evaluateNetworkPolicies(question: Question): Answer {
  const policies = selectingPolicies(question.world, question.direction, question.subject.pod);
  if (policies.length === 0) return { decision: 'next', selecting: [], misses: [] };
  const selecting = policies.map(refOf);
  const misses: NearMiss[] = [];
  for (const policy of policies) {
    const found = evaluatePolicy(policy, question);
    if (!Array.isArray(found))
      return { decision: 'accept', selecting, decidedBy: found, misses: [] };
    misses.push(...found);
  }
  return { decision: 'deny', selecting, misses };
}

export function refOf({ metadata: { namespace = '', name } }: NetworkPolicy): PolicyRef {
  return { kind: 'NetworkPolicy', namespace, name };
}

/** Whether the policy is about that direction; defaults as the API server fills them in (row 4). */
export function isolates({ spec }: NetworkPolicy, direction: Direction): boolean {
  const types = spec.policyTypes ?? [];
  if (types.length > 0) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  return direction === 'ingress' || (spec.egress ?? []).length > 0;
}

/** The rules of one direction. None, absent or empty, admit nothing (row 5). */
export function rulesOf({ spec }: NetworkPolicy, direction: Direction): PolicyRule[] {
  const { ingress, egress, podSelector = {} } = spec;
  // Whom they are for is not known: they admit nobody.
  if (!isReadable(podSelector)) return [];
  if (direction === 'ingress') {
    return (ingress ?? []).map(({ from, ports }, index) =>
      ruleOf(from, ports, { at: `ingress[${index}]`, side: 'from' }),
    );
  }
  return (egress ?? []).map(({ to, ports }, index) =>
    ruleOf(to, ports, { at: `egress[${index}]`, side: 'to' }),
  );
}

function ruleOf(
  peers: PolicyRule['peers'] | undefined,
  ports: PolicyRule['ports'] | undefined,
  { at, side }: { at: string; side: string },
): PolicyRule {
  return { peers: peers ?? [], ports: ports ?? [], at, peersAt: `${at}.${side}` };
}

/** The policies that isolate a pod in a direction, by name. */
export function selectingPolicies(
  world: PolicyWorld,
  direction: Direction,
  pod: Pod,
): NetworkPolicy[] {
  return [...inNamespace(world, pod.metadata.namespace ?? '')]
    .filter((policy) => isolates(policy, direction) && isTarget(policy, pod))
    .sort((one, two) => (one.metadata.name < two.metadata.name ? -1 : 1));
}

/**
 * The pods of its namespace that a policy is for. A selector that is missing means all of them (rows 1, 2); one that cannot
 * be read fails closed: it isolates all of them, and no rule admits anything.
 */
export function targetSelector({ spec: { podSelector = {} } }: NetworkPolicy): Selector {
  return isReadable(podSelector) ? selectorFor(podSelector) : everything;
}

export function isTarget(policy: NetworkPolicy, pod: Pod): boolean {
  return (
    policy.metadata.namespace === pod.metadata.namespace &&
    targetSelector(policy).matches(pod.metadata.labels)
  );
}

function* inNamespace(world: PolicyWorld, namespace: string): Generator<NetworkPolicy> {
  for (const policy of world.policies.values()) {
    if (policy.metadata.namespace === namespace) yield policy;
  }
}

/** The rule that admits, or why none does. */
function evaluatePolicy(policy: NetworkPolicy, question: Question): RuleRef | NearMiss[] {
  const ref = refOf(policy);
  const rules = rulesOf(policy, question.direction);
  if (rules.length === 0) {
    const detail = isReadable(policy.spec.podSelector ?? {})
      ? `it has no ${question.direction} rules`
      : 'its podSelector has an operator that is not known here: it isolates every pod of the namespace';
    return [{ policy: ref, rule: -1, missed: 'NO_RULES', detail }];
  }
  const misses: NearMiss[] = [];
  for (const [index, rule] of rules.entries()) {
    const found = evaluateRule(rule, question, policy.metadata.namespace ?? '');
    if ('missed' in found) misses.push({ policy: ref, rule: index, ...found });
    else return { policy: ref, rule: index, action: 'Accept', ...found };
  }
  return misses;
}

type RuleMatch = Pick<RuleRef, 'peer' | 'port'>;
type RuleMiss = Pick<NearMiss, 'missed' | 'detail'>;

/** No peers are all peers (row 7), no ports all ports and protocols (row 8). */
function evaluateRule(
  rule: PolicyRule,
  question: Question,
  namespace: string,
): RuleMatch | RuleMiss {
  const peers = rule.peers.map((peer, index) =>
    peerMiss(question.world, peer, question.peer, { at: `${rule.peersAt}[${index}]`, namespace }),
  );
  const peer = peers.indexOf(undefined);
  if (peers.length > 0 && peer === -1) return { missed: 'PEER', detail: peers.join('; ') };
  const asked = { ...question, destination: destinationPod(question) };
  const ports = rule.ports.map((port, index) =>
    portMiss(port, asked, `${rule.at}.ports[${index}]`),
  );
  const port = ports.indexOf(undefined);
  if (ports.length > 0 && port === -1) return nearestPortMiss(ports);
  return { peer, port };
}

const nearness = ['PORT', 'NAMED_PORT', 'PROTOCOL'] as const;

/** One miss of all entries: the kind of the nearest one, and what each of them is. */
export function nearestPortMiss(ports: readonly (PortMiss | undefined)[]): RuleMiss {
  const misses = ports.filter((miss) => miss !== undefined);
  const missed = nearness.find((kind) => misses.some((miss) => miss.missed === kind)) ?? 'PORT';
  return { missed, detail: misses.map(({ detail }) => detail).join('; ') };
}
