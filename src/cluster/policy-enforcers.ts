import { join } from 'node:path';
import { messageOf } from '../fault/index.ts';
import {
  clusterNetworkPolicyKind,
  namespaceKind,
  networkPolicyKind,
  nodeKind,
  podKind,
  type Pod,
} from '../kube/index.ts';
import { formatAddress } from '../ip/index.ts';
import type { KernelEvents } from '../kernel/index.ts';
import {
  canaryAddresses,
  cidrTexts,
  defaultBlocks,
  DropEvents,
  FlowWatch,
  FlowWorld,
  PolicyEnforcer,
  proveEnforcement,
  VethPodNetwork,
  type Flows,
} from '../node/index.ts';
import type { ClusterView } from '../snapshot/index.ts';
import { cniOf } from './cni-choice.ts';
import type { DataPlaneOptions } from './data-plane.ts';
import { places } from './directories.ts';
import type { NodeProof } from './daemon/messages.ts';
import type { NodePlace } from './network.ts';

/** The network policies of a cluster that are in force on its nodes. */
export interface PolicyEnforcement {
  readonly enforcer: PolicyEnforcer;
  /** What became of connections. */
  readonly flows: Flows;
  /** The first proof, begun when the policies were put in force. */
  readonly proven: Promise<void>;
  /** Tries on every node whether policies work, one call after the other: all use the same canaries. */
  prove(): Promise<readonly NodeProof[]>;
}

/** Whether the nodes answer in the place of a pod, at the address of cluster DNS. */
function isDnsPod({ metadata }: Pod): boolean {
  return metadata.namespace === 'kube-system' && metadata.labels?.['k8s-app'] === 'kube-dns';
}

/** What enforcement stands on besides the cluster. */
export interface PolicyGround {
  readonly view: ClusterView;
  readonly dnsIPs: readonly string[];
  readonly events: KernelEvents;
}

/** Puts all policies in force on all nodes; undefined where the pods' network has none. */
export async function enforcePolicies(
  options: DataPlaneOptions,
  { view, dnsIPs, events }: PolicyGround,
): Promise<PolicyEnforcement | undefined> {
  const { kernel, clock, network, record, control, closers, log } = options;
  if (!cniOf(record).policyEnforcement) return undefined;
  const { informers } = control;
  const canaries = network.nodes.flatMap(({ addresses }) => canaryAddresses(addresses).flat());
  const enforcer = new PolicyEnforcer({
    kernel,
    clock,
    nodes: network.nodes,
    settings: {
      podCIDRs: cidrTexts(defaultBlocks.pods),
      localServices: dnsIPs,
      canaries: canaries.map(formatAddress),
    },
    isLocalService: isDnsPod,
    sources: {
      namespaces: informers.of(namespaceKind),
      pods: informers.of(podKind),
      nodes: informers.of(nodeKind),
      policies: informers.of(networkPolicyKind),
      clusterPolicies: informers.of(clusterNetworkPolicyKind),
    },
    log,
  });
  closers.add(() => enforcer.close());
  await Promise.all([enforcer.start(), view.synced]);
  const flows = watchFlows(options, { view, events, enforcer });
  const proofs = network.nodes.map((place) => proveNode(options, place, { enforcer, view }));
  const proven = Promise.all(proofs).then(() => undefined);
  // Whoever awaits it hears of a failure; until then a start goes on.
  proven.catch(() => undefined);
  let last: Promise<unknown> = Promise.allSettled(proofs);
  const prove = (): Promise<readonly NodeProof[]> => {
    const next = last.then(() =>
      Promise.all(network.nodes.map((place) => tryNode(options, place, { enforcer, view }))),
    );
    last = next;
    return next;
  };
  return { enforcer, flows, proven, prove };
}

/** Tells of drops: in the cluster's Events, and to whoever asks. */
function watchFlows(
  { clock, network, control, closers, log }: DataPlaneOptions,
  {
    view,
    events,
    enforcer,
  }: Pick<PolicyGround, 'view' | 'events'> & { readonly enforcer: PolicyEnforcer },
): Flows {
  const dropEvents = new DropEvents(control.events('portolan-network'), clock);
  const watch = new FlowWatch({
    events,
    clock,
    world: new FlowWorld({
      snapshot: () => view.snapshot(),
      podRanges: enforcer.podRanges,
      podAt: (address) => enforcer.podAt(address),
    }),
    nodes: network.nodes,
    totals: () => enforcer.drops(),
    onDrop: (drop) => dropEvents.tell(drop),
    log,
  });
  closers.add(() => watch.close());
  return watch;
}

interface Judged {
  readonly enforcer: PolicyEnforcer;
  readonly view: ClusterView;
}

async function tryNode(
  options: DataPlaneOptions,
  place: NodePlace,
  judged: Judged,
): Promise<NodeProof> {
  try {
    await proveNode(options, place, judged);
    return { node: place.name };
  } catch (error) {
    return { node: place.name, failure: messageOf(error) };
  }
}

/** @throws Fault `POLICIES_NOT_PROVEN` */
async function proveNode(
  { kernel, directories }: DataPlaneOptions,
  { name, addresses, netns }: NodePlace,
  { enforcer, view }: Judged,
): Promise<void> {
  const network = new VethPodNetwork(kernel, netns);
  try {
    await proveEnforcement({
      kernel,
      enforcer,
      node: { name, network },
      addresses: canaryAddresses(addresses),
      pin: (canary) => join(places.namespaces(directories), canary),
      world: () => ({ ...view.snapshot(), podRanges: enforcer.podRanges }),
    });
  } finally {
    network.close();
  }
}
