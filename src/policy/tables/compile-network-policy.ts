import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../kube/index.ts';
import type { Direction } from '../contract.ts';
import {
  isolates,
  refOf,
  rulesOf,
  targetSelector,
  type PolicyRule,
} from '../evaluators/network-policy.ts';
import { readBlock } from '../ip-blocks.ts';
import type { PortName } from '../matching/port.ts';
import { protocolNumbers } from '../protocols.ts';
import { selectorFor } from '../selectors.ts';
import type { CompiledPolicy, CompiledRule } from './compiled-policy.ts';
import { emptyRegion, fullRegion, regionOf, union, type Region } from './region.ts';
import { isEveryPod, type Query, type Term } from './term.ts';

type Retain = (query: Query) => Term;

/** A NetworkPolicy in terms. */
export function compileNetworkPolicy(policy: NetworkPolicy, retain: Retain): CompiledPolicy {
  const namespace = policy.metadata.namespace ?? '';
  const rules = (direction: Direction): CompiledRule[] | undefined =>
    isolates(policy, direction)
      ? rulesOf(policy, direction).map((rule) => compileRule(rule, namespace, retain))
      : undefined;
  return {
    ref: refOf(policy),
    tier: 'NetworkPolicy',
    priority: 0,
    subject: retain({ kind: 'pods', namespace, pods: targetSelector(policy) }),
    rules: { ingress: rules('ingress'), egress: rules('egress') },
  };
}

function compileRule(rule: PolicyRule, namespace: string, retain: Retain): CompiledRule {
  const queries = rule.peers
    .map((peer) => queryOf(peer, namespace))
    .filter((one) => one !== undefined);
  return {
    action: 'Accept',
    ...compilePeers(rule.peers.length === 0, queries, retain),
    ...compilePorts(rule.ports),
  };
}

/** The peers of a rule; the query for every pod is not worth a term. */
export function compilePeers(
  isForAll: boolean,
  queries: readonly Query[],
  retain: Retain,
): Pick<CompiledRule, 'breadth' | 'terms'> {
  if (isForAll) return { breadth: 'all', terms: [] };
  const isWide = (query: Query): boolean => query.kind === 'pods' && isEveryPod(query);
  const terms = queries.filter((query) => !isWide(query)).map(retain);
  return { breadth: queries.some(isWide) ? 'pods' : 'terms', terms };
}

/** `undefined` for a peer that nobody can be. */
function queryOf(peer: NetworkPolicyPeer, namespace: string): Query | undefined {
  const { ipBlock, podSelector, namespaceSelector } = peer;
  if (ipBlock !== undefined) {
    const block = readBlock(ipBlock);
    return block && { kind: 'block', block };
  }
  if (podSelector === undefined && namespaceSelector === undefined) return undefined;
  return {
    kind: 'pods',
    namespace: namespaceSelector === undefined ? namespace : selectorFor(namespaceSelector),
    pods: selectorFor(podSelector ?? {}),
  };
}

/** Ports of NetworkPolicies; none are all ports of all protocols (row 8). */
export function compilePorts(
  ports: readonly NetworkPolicyPort[],
): Pick<CompiledRule, 'ports' | 'names'> {
  if (ports.length === 0) return { ports: fullRegion, names: [] };
  let region: Region = emptyRegion;
  const names: PortName[] = [];
  for (const { protocol = 'TCP', port, endPort } of ports) {
    if (typeof port === 'string') names.push({ name: port, protocol });
    else region = union(region, regionOf(protocolNumbers[protocol], port, endPort ?? port));
  }
  return { ports: region, names };
}
