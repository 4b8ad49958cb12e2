import type {
  ClusterNetworkPolicy,
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  Pod,
} from '../../kube/index.ts';
import type { Direction, PolicyWorld } from '../contract.ts';
import * as cluster from '../evaluators/cluster-network-policy.ts';
import * as plain from '../evaluators/network-policy.ts';
import { clusterPeerMiss, selectionOf } from '../matching/cluster-peer.ts';
import { plainPort } from '../matching/cluster-port.ts';
import { peerMiss } from '../matching/peer.ts';
import type { PortName } from '../matching/port.ts';
import { isPolicyPod } from '../policy-pods.ts';
import { isClusterPolicy } from '../selection.ts';

/** A rule of either API, by what the checks ask of it. */
export interface RuleView {
  readonly direction: Direction;
  readonly field: string;
  readonly peers: readonly PeerView[];
  readonly ports: readonly PortView[];
  /** False for a rule that fails closed. */
  readonly isUnderstood: boolean;
}

export interface PeerView {
  readonly field: string;
  /** Of pods; a peer that is about addresses has none. */
  readonly selectors?: { readonly namespace?: LabelSelector; readonly pods?: LabelSelector };
  readonly hasDomainNames: boolean;
  readonly matches: (pod: Pod) => boolean;
}

export interface PortView {
  readonly field: string;
  readonly name?: PortName;
  readonly number?: { readonly protocol: string; readonly port: number; readonly endPort: number };
}

const directions: readonly Direction[] = ['ingress', 'egress'];

export function rulesIn(
  world: PolicyWorld,
  policy: NetworkPolicy | ClusterNetworkPolicy,
): RuleView[] {
  return directions.flatMap((direction) =>
    isClusterPolicy(policy)
      ? cluster.rulesOf(policy, direction).map((rule) => clusterRule(world, rule, direction))
      : plain.rulesOf(policy, direction).map((rule) => plainRule(world, policy, rule, direction)),
  );
}

function plainRule(
  world: PolicyWorld,
  { metadata: { namespace = '' } }: NetworkPolicy,
  rule: plain.PolicyRule,
  direction: Direction,
): RuleView {
  const peer = (peer: NetworkPolicyPeer, index: number): PeerView => {
    const at = `${rule.peersAt}[${index}]`;
    const { ipBlock, podSelector: pods, namespaceSelector } = peer;
    return {
      field: `spec.${at}`,
      hasDomainNames: false,
      matches: (pod) => peerMiss(world, peer, { pod }, { at, namespace }) === undefined,
      ...(ipBlock === undefined && {
        selectors: {
          ...(pods && { pods }),
          ...(namespaceSelector && { namespace: namespaceSelector }),
        },
      }),
    };
  };
  return {
    direction,
    field: `spec.${rule.at}`,
    isUnderstood: true,
    peers: rule.peers.map(peer),
    ports: rule.ports.map(({ protocol = 'TCP', port, endPort }, index) => ({
      field: `spec.${rule.at}.ports[${index}].port`,
      ...(typeof port === 'string' && { name: { name: port, protocol } }),
      ...(typeof port === 'number' && { number: { protocol, port, endPort: endPort ?? port } }),
    })),
  };
}

function clusterRule(
  world: PolicyWorld,
  rule: cluster.ClusterRule,
  direction: Direction,
): RuleView {
  const peers = rule.peers.map((peer, index): PeerView => {
    const at = `${rule.peersAt}[${index}]`;
    return {
      field: `spec.${at}`,
      hasDomainNames: peer.domainNames !== undefined,
      matches: (pod) => clusterPeerMiss(world, peer, { pod }, at) === undefined,
      ...(selectionOf(peer, at) && {
        selectors: {
          namespace: peer.namespaces ?? peer.pods?.namespaceSelector ?? {},
          ...(peer.pods && { pods: peer.pods.podSelector }),
        },
      }),
    };
  });
  const ports = rule.protocols.map((entry, index): PortView => {
    const found = plainPort(entry);
    const field = `spec.${rule.at}.protocols[${index}]`;
    if (found === undefined) return { field };
    if ('name' in found) return { field, name: found };
    const { protocol, port, endPort } = found;
    return port === undefined || endPort === undefined
      ? { field }
      : { field, number: { protocol, port, endPort } };
  });
  const isUnderstood = cluster.isUnderstood(rule);
  return { direction, field: `spec.${rule.at}`, isUnderstood, peers, ports };
}

/** The pods that connections under a rule arrive at: the selected ones, or those that its peers mean. */
export function destinationsOf(
  { direction, peers }: RuleView,
  selected: readonly Pod[],
  pods: Iterable<Pod>,
): readonly Pod[] {
  if (direction === 'ingress') return selected;
  return [...pods].filter(
    (pod) => isPolicyPod(pod) && (peers.length === 0 || peers.some((peer) => peer.matches(pod))),
  );
}
