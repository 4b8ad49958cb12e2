import type { ClusterNetworkPolicy, ClusterPolicyEgressPeer } from '../../kube/index.ts';
import type { Direction } from '../contract.ts';
import {
  isUnderstood,
  refOf,
  rulesOf,
  type ClusterRule,
} from '../evaluators/cluster-network-policy.ts';
import { parseSloppyCidr } from '../ip-blocks.ts';
import { plainPort } from '../matching/cluster-port.ts';
import type { PortName } from '../matching/port.ts';
import { protocolNumbers } from '../protocols.ts';
import { selectorFor } from '../selectors.ts';
import { compilePeers } from './compile-network-policy.ts';
import type { CompiledPolicy, CompiledRule } from './compiled-policy.ts';
import { emptyRegion, fullRegion, regionOf, union, type Region } from './region.ts';
import { isEveryPod, type PodQuery, type Query, type Term } from './term.ts';

type Retain = (query: Query) => Term;

/** A ClusterNetworkPolicy in terms. */
export function compileClusterPolicy(policy: ClusterNetworkPolicy, retain: Retain): CompiledPolicy {
  const rules = (direction: Direction): CompiledRule[] | undefined => {
    const found = rulesOf(policy, direction);
    return found.length === 0 ? undefined : found.map((rule) => compileRule(rule, retain));
  };
  const { subject, tier, priority } = policy.spec;
  return {
    ref: refOf(policy),
    tier,
    priority,
    subject: compileSubject(podQuery(subject), retain),
    rules: { ingress: rules('ingress'), egress: rules('egress') },
  };
}

function compileSubject(query: PodQuery | undefined, retain: Retain): CompiledPolicy['subject'] {
  if (query === undefined) return 'nobody';
  return isEveryPod(query) ? 'every pod' : retain(query);
}

function podQuery({ namespaces, pods }: ClusterPolicyEgressPeer): PodQuery | undefined {
  if (namespaces !== undefined) {
    return { kind: 'pods', namespace: selectorFor(namespaces), pods: selectorFor({}) };
  }
  return (
    pods && {
      kind: 'pods',
      namespace: selectorFor(pods.namespaceSelector ?? {}),
      pods: selectorFor(pods.podSelector ?? {}),
    }
  );
}

/** Fails closed where the rule is not understood: see `isUnderstood`. */
function compileRule(rule: ClusterRule, retain: Retain): CompiledRule {
  if (isUnderstood(rule)) {
    const queries = rule.peers.flatMap(queriesOf);
    return { action: rule.action, ...compilePeers(false, queries, retain), ...compilePorts(rule) };
  }
  const nobody = { terms: [], names: [], ports: fullRegion } as const;
  return rule.action === 'Accept'
    ? { action: 'Accept', breadth: 'terms', ...nobody }
    : { action: 'Deny', breadth: 'all', ...nobody };
}

/** None for domain names, which are not followed to addresses. */
function queriesOf(peer: ClusterPolicyEgressPeer): Query[] {
  const pods = podQuery(peer);
  if (pods !== undefined) return [pods];
  if (peer.nodes !== undefined) return [{ kind: 'nodes', nodes: selectorFor(peer.nodes) }];
  return (peer.networks ?? [])
    .map(parseSloppyCidr)
    .filter((cidr) => cidr !== undefined)
    .map((cidr) => ({ kind: 'block', block: { cidr, except: [] } }));
}

function compilePorts({ protocols }: ClusterRule): Pick<CompiledRule, 'ports' | 'names'> {
  if (protocols.length === 0) return { ports: fullRegion, names: [] };
  let region: Region = emptyRegion;
  const names: PortName[] = [];
  for (const entry of protocols.map(plainPort).filter((one) => one !== undefined)) {
    if ('name' in entry) names.push(entry);
    else
      region = union(region, regionOf(protocolNumbers[entry.protocol], entry.port, entry.endPort));
  }
  return { ports: region, names };
}
