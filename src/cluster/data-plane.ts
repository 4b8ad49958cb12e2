import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock/index.ts';
import { DNS_IMAGE, ensureDnsObjects, startDns, type ClusterDns } from '../dns/index.ts';
import { formatAddress } from '../ip/index.ts';
import { KernelEvents, type Kernel } from '../kernel/index.ts';
import {
  clusterNetworkPolicyKind,
  configMapKind,
  endpointSliceKind,
  namespaceKind,
  networkPolicyKind,
  nodeKind,
  podKind,
  secretKind,
  serviceKind,
} from '../kube/index.ts';
import {
  cidrTexts,
  Drain,
  indexCaches,
  NodeAgent,
  type DnsSettings,
  type NodeContext,
} from '../node/index.ts';
import {
  createContainerRuntime,
  createImageService,
  type ContainerRuntime,
  type ContainerStatus,
  type ImageService,
  type InProcessProgram,
} from '../runtime/index.ts';
import { createClusterView, type ClusterView } from '../snapshot/index.ts';
import { openPodNetwork } from './cni.ts';
import { cgroupRoot } from './cgroup-root.ts';
import type { Closers } from './closers.ts';
import type { ControlPlane } from './control-plane.ts';
import { enforcePolicies, type PolicyEnforcement } from './policy-enforcers.ts';
import { watchRules } from './rules-watches.ts';
import { startProxies } from './service-proxies.ts';
import { isMounted } from './images.ts';
import { places, type ClusterDirectories } from './directories.ts';
import { readHostResolver } from './host-resolver.ts';
import type { ClusterNetwork, NodePlace } from './network.ts';
import type { ClusterRecord } from './record.ts';

export interface DataPlaneOptions {
  readonly directories: ClusterDirectories;
  readonly record: ClusterRecord;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly network: ClusterNetwork;
  readonly control: ControlPlane;
  readonly closers: Closers;
  /** What `kubectl get nodes` shows as version, e.g. `v1.36.0+portolan`. */
  readonly version: string;
  readonly runtimeVersion: string;
  /** What this process does itself beside cluster DNS. */
  readonly programs: Programs;
  readonly log: (text: string) => void;
}

export interface DataPlane {
  readonly runtime: ContainerRuntime;
  readonly images: ImageService;
  readonly agents: readonly NodeAgent[];
  /** Absent where the pods' network has no policies. */
  readonly policies?: PolicyEnforcement;
}

/** Cluster DNS: the tenth address of the Service block. */
const CLUSTER_DNS = '10.96.0.10';
const CLUSTER_DOMAIN = 'cluster.local';

/** Follows what the judgement asks of the cluster; all nodes share it. */
function openView({ control: { informers } }: DataPlaneOptions): ClusterView {
  return createClusterView({
    services: informers.of(serviceKind),
    slices: informers.of(endpointSliceKind),
    pods: informers.of(podKind),
    nodes: informers.of(nodeKind),
    namespaces: informers.of(namespaceKind),
    policies: informers.of(networkPolicyKind),
    clusterPolicies: informers.of(clusterNetworkPolicyKind),
  });
}

/** What the kernels of all nodes tell, through one thread. */
function openEvents({ kernel, closers }: DataPlaneOptions): KernelEvents {
  const events = new KernelEvents(kernel);
  closers.add(() => events.close());
  return events;
}

/** Serves names on every node, from the same view as the rules. */
async function serveNames(options: DataPlaneOptions, view: ClusterView): Promise<ClusterDns> {
  const { kernel, clock, network, control, closers, log } = options;
  const dns = await startDns({
    kernel,
    clock,
    nodes: network.nodes,
    view,
    informers: control.informers,
    events: control.events('coredns'),
    serviceIPs: [CLUSTER_DNS],
    clusterDomain: CLUSTER_DOMAIN,
    host: readHostResolver(),
    log,
  });
  closers.add(() => dns.close());
  return dns;
}

/** What this process does itself, by the image that it takes the place of. */
type Programs = ReadonlyMap<string, InProcessProgram>;

async function openRuntime(
  options: DataPlaneOptions,
  programs: Programs,
): Promise<{ runtime: ContainerRuntime; images: ImageService }> {
  const { directories, record, kernel, closers, log } = options;
  const images = createImageService({
    directory: directories.images,
    policy: record.images,
    inProcess: [...programs.keys()],
    isInUse: (id) => isMounted(id, readFileSync('/proc/self/mountinfo', 'utf8')),
  });
  const runtime = await createContainerRuntime({
    directory: places.containers(directories),
    kernel,
    cgroupRoot: cgroupRoot(directories),
    busybox: () => images.busybox(),
    onLimitation: log,
    programs,
  });
  closers.add(() => runtime.close());
  // What a later import replaced, and no container stands on any more.
  await images.collect();
  return { runtime, images };
}

/** Nodes of a small cluster do everything; the first is called the control plane, as people expect to see one. */
function nodeLabels(ordinal: number): Record<string, string> {
  return ordinal === 1 ? { 'node-role.kubernetes.io/control-plane': '' } : {};
}

interface AgentParts {
  readonly place: NodePlace;
  readonly runtime: ContainerRuntime;
  readonly images: ImageService;
  readonly drain: Drain;
  readonly policies: PolicyEnforcement | undefined;
  readonly containers: readonly ContainerStatus[];
}

function dnsSettings(): DnsSettings {
  const { servers, search } = readHostResolver();
  return {
    clusterServers: [CLUSTER_DNS],
    clusterDomain: CLUSTER_DOMAIN,
    hostServers: servers,
    hostSearch: search,
  };
}

async function createAgent(options: DataPlaneOptions, parts: AgentParts): Promise<NodeAgent> {
  const { directories, kernel, clock, control, closers, log } = options;
  const { name, addresses, netns } = parts.place;
  const { client, informers } = control;
  const dns = dnsSettings();
  const network = await openPodNetwork(options, parts.place, dns);
  closers.add(() => network.close());
  const nodeIPs = addresses.nodeIPs.map(formatAddress);
  const context: NodeContext = {
    nodeName: name,
    nodeIPs,
    netns,
    client,
    caches: {
      pods: informers.of(podKind),
      services: informers.of(serviceKind),
      configMaps: informers.of(configMapKind),
      secrets: informers.of(secretKind),
    },
    runtime: parts.runtime,
    images: parts.images,
    kernel,
    clock,
    events: control.events('kubelet', name),
    network,
    ...(parts.policies && { policies: parts.policies.enforcer.of(name) }),
    paths: {
      pods: join(places.pods(directories), name),
      logs: places.podLogs(directories),
      namespaces: places.namespaces(directories),
    },
    dns,
    log,
    drained: (pod) => parts.drain.drained(pod),
  };
  const agent = new NodeAgent({
    context,
    facts: {
      name,
      nodeIPs,
      podCidrs: cidrTexts(addresses.podCidrs),
      labels: nodeLabels(addresses.ordinal),
      version: options.version,
      runtimeVersion: options.runtimeVersion,
    },
    podCidrs: addresses.podCidrs,
    containers: parts.containers.filter(({ labels }) => labels['node'] === name),
  });
  closers.add(() => agent.close());
  return agent;
}

/** Programs every node's Services and starts every node's agent. */
export async function startDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { network, control, clock } = options;
  const { informers } = control;
  indexCaches({ pods: informers.of(podKind), services: informers.of(serviceKind) });
  const view = openView(options);
  const events = openEvents(options);
  const proxies = await startProxies(options, view);
  const dns = await serveNames(options, view);
  const policies = await enforcePolicies(options, { view, dnsIPs: [CLUSTER_DNS], events });
  watchRules(options, { events, proxies, policies, dnsIPs: [CLUSTER_DNS] });
  const programs: Programs = new Map([
    ...options.programs,
    [DNS_IMAGE, (container) => dns.serveContainer(container)],
  ]);
  const { runtime, images } = await openRuntime(options, programs);
  const containers = await runtime.list();
  const drain = new Drain({ clock, slices: informers.of(endpointSliceKind) });
  const agents = await Promise.all(
    network.nodes.map((place) =>
      createAgent(options, { place, runtime, images, drain, policies, containers }),
    ),
  );
  await Promise.all([...agents.map((agent) => agent.start()), policies?.proven]);
  // Last: its pods want a node.
  await ensureDnsObjects(control.client, {
    serviceIPs: [CLUSTER_DNS],
    clusterDomain: CLUSTER_DOMAIN,
  });
  return { runtime, images, agents, ...(policies && { policies }) };
}
