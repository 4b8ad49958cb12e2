import { parseAddress, requireAddress } from '../../ip/index.ts';
import type {
  ClusterNetworkPolicy,
  Container,
  Namespace,
  NetworkPolicy,
  Node,
  Pod,
  StringMap,
} from '../../kube/index.ts';
import type { Attempt, Party, PolicyWorld } from '../contract.ts';
import { protocolNumbers } from '../protocols.ts';

/** What tests say of a pod; the rest is alike for all. */
export interface PodFacts {
  readonly namespace?: string;
  readonly labels?: StringMap;
  readonly ips?: readonly string[];
  readonly containers?: Container[];
  readonly initContainers?: Container[];
  readonly hostNetwork?: boolean;
  readonly nodeName?: string;
  readonly status?: Pod['status'];
  readonly metadata?: Partial<Pod['metadata']>;
}

export function podOf(name: string, facts: PodFacts = {}): Pod {
  const { namespace = 'default', labels = {}, ips = [], hostNetwork, nodeName } = facts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: `${namespace}-${name}`, labels, ...facts.metadata },
    spec: {
      containers: facts.containers ?? [{ name: 'main' }],
      ...(facts.initContainers && { initContainers: facts.initContainers }),
      ...(hostNetwork !== undefined && { hostNetwork }),
      ...(nodeName !== undefined && { nodeName }),
    },
    status: {
      phase: 'Running',
      podIP: ips[0],
      podIPs: ips.map((ip) => ({ ip })),
      ...facts.status,
    },
  };
}

export function namespaceOf(name: string, labels: StringMap = {}): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

export function nodeOf(name: string, address: string, labels: StringMap = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: {},
    status: { addresses: [{ type: 'InternalIP', address }] },
  };
}

export function policyOf(
  name: string,
  spec: NetworkPolicy['spec'],
  namespace = 'default',
): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec,
  };
}

export function clusterPolicyOf(
  name: string,
  spec: Partial<ClusterNetworkPolicy['spec']>,
): ClusterNetworkPolicy {
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name },
    spec: { tier: 'Admin', priority: 10, subject: { namespaces: {} }, ...spec },
  };
}

/** What tests say of a world; namespaces that only pods name have no labels of their own. */
export interface WorldFacts {
  readonly namespaces?: readonly Namespace[];
  readonly policies?: readonly NetworkPolicy[];
  readonly clusterPolicies?: readonly ClusterNetworkPolicy[];
  readonly nodes?: readonly Node[];
  readonly podRanges?: PolicyWorld['podRanges'];
}

export function worldOf(facts: WorldFacts): PolicyWorld {
  const { namespaces = [], policies = [], clusterPolicies = [], nodes = [], podRanges } = facts;
  return {
    namespaces: new Map(namespaces.map((each) => [each.metadata.name, each])),
    policies: new Map(
      policies.map((each) => [`${each.metadata.namespace}/${each.metadata.name}`, each]),
    ),
    clusterPolicies: new Map(clusterPolicies.map((each) => [each.metadata.name, each])),
    nodes: new Map(nodes.map((each) => [each.metadata.name, each])),
    ...(podRanges && { podRanges }),
  };
}

/** A party from a pod, or from the text of an address, with the node whose own it is. */
export function partyOf(end: Pod | string, node?: string): Party {
  if (typeof end === 'string') {
    return { address: requireAddress(end), ...(node !== undefined && { node }) };
  }
  const address = parseAddress(end.status?.podIP ?? '');
  const { nodeName } = end.spec;
  return {
    pod: end,
    ...(address && { address }),
    ...(nodeName !== undefined && { node: nodeName }),
  };
}

/** A connection, to TCP 80 unless said otherwise: `UDP 53`, `ICMP`. */
export function attemptOf(
  source: Pod | Party | string,
  destination: Pod | Party | string,
  to = 'TCP 80',
): Attempt {
  const [name = 'TCP', port = '0'] = to.split(' ');
  const numbers: Readonly<Record<string, number>> = { ...protocolNumbers, ICMP: 1, ICMPv6: 58 };
  return {
    source: endOf(source),
    destination: endOf(destination),
    protocol: numbers[name] ?? Number(name),
    port: Number(port),
  };
}

function endOf(end: Pod | Party | string): Party {
  return typeof end === 'string' || 'kind' in end ? partyOf(end) : end;
}
