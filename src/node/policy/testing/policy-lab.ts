import assert from 'node:assert/strict';
import { systemClock } from '../../../clock/index.ts';
import { formatAddress, type Address } from '../../../ip/index.ts';
import { TestKernel } from '../../../kernel/testing/test-kernel.ts';
import {
  quickTcp,
  quickTcpServer,
  quickUdp,
  quickUdpServer,
  type QuickAttempt,
  type QuickServer,
} from '../../../kernel/testing/quick-sockets.ts';
import {
  keyOf,
  type ClusterNetworkPolicy,
  type Namespace,
  type NetworkPolicy,
  type Node,
  type Pod,
  type KubeObject,
  type StringMap,
} from '../../../kube/index.ts';
import { nftIn } from '../../../nft/testing/fresh-nftables.ts';
import type { PolicyWorld } from '../../../policy/index.ts';
import {
  canaryAddresses,
  cidrTexts,
  defaultBlocks,
  nodeAddresses,
  outsideAddresses,
  type NodeAddresses,
} from '../../network/addresses.ts';
import { AddressPool } from '../../network/address-pool.ts';
import { Fabric } from '../../network/fabric.ts';
import { VethPodNetwork } from '../../network/pod-network.ts';
import { PolicyEnforcer } from '../policy-enforcer.ts';
import { Source } from './source.ts';

/** Whoever can open a connection: a pod, a node, or the world outside. */
export interface LabHost {
  readonly name: string;
  readonly netns: string;
  /** IPv4, then IPv6. */
  readonly addresses: readonly Address[];
}

export interface LabNode extends LabHost {
  readonly network: VethPodNetwork;
  readonly pool: AddressPool;
  readonly canaries: readonly [readonly Address[], readonly Address[]];
}

export interface LabPod extends LabHost {
  /** As the API has it. */
  object: Pod;
  readonly node: LabNode;
}

/** What a pod of the lab is made of. */
export interface LabPodOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: StringMap;
  /** Position of its node; the first unless given. */
  readonly node?: number;
  readonly spec?: Partial<Pod['spec']>;
}

export interface LabAttempt {
  readonly from: LabHost;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

/** The ports on which every pod answers. */
export const TCP_PORTS = [80, 81, 8080] as const;
export const UDP_PORTS = [53, 5353] as const;
const LIMIT_MS = 5000;
const CLUSTER_DNS = '10.96.0.10';

/** Real nodes with real pods on them, whose policies are enforced; the API is a few {@link Source}s. */
export class PolicyLab {
  readonly test = new TestKernel();
  readonly sources = {
    namespaces: new Source<Namespace>(),
    pods: new Source<Pod>(),
    nodes: new Source<Node>(),
    policies: new Source<NetworkPolicy>(),
    clusterPolicies: new Source<ClusterNetworkPolicy>(),
  };
  readonly nodes: readonly LabNode[];
  readonly outside: LabHost;
  readonly log: string[] = [];
  readonly enforcer: PolicyEnforcer;
  private readonly fabric: Fabric;
  private readonly servers: QuickServer[] = [];
  private version = 0;

  private constructor(count: number) {
    const { test } = this;
    this.fabric = new Fabric({
      kernel: test.kernel,
      blocks: defaultBlocks,
      paths: { fabric: test.pin('fabric'), nodePin: (name) => test.pin(name) },
      isAdopted: false,
    });
    this.nodes = Array.from({ length: count }, (_, position) => this.addNode(position + 1));
    this.outside = this.openOutside();
    this.enforcer = this.createEnforcer();
  }

  /** Two nodes without pods or policies, whatever namespaces are wanted. */
  static async create({ nodes = 2 } = {}): Promise<PolicyLab> {
    const lab = new PolicyLab(nodes);
    lab.namespace('default');
    await lab.enforcer.start();
    return lab;
  }

  /** An enforcer over this lab's nodes; a second one is what a new daemon would be. */
  createEnforcer(): PolicyEnforcer {
    return new PolicyEnforcer({
      kernel: this.test.kernel,
      clock: systemClock,
      nodes: this.nodes,
      settings: {
        podCIDRs: cidrTexts(defaultBlocks.pods),
        localServices: [CLUSTER_DNS],
        canaries: this.nodes.flatMap(({ canaries }) => canaries.flat().map(formatAddress)),
      },
      isLocalService: ({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns',
      sources: this.sources,
      log: (text) => this.log.push(text),
    });
  }

  /** The world outside answers like a pod, so that it can be asked as well. */
  private openOutside(): LabHost {
    const { netns } = this.fabric;
    this.servers.push(...this.serve(netns));
    return { name: 'outside', netns, addresses: outsideAddresses(defaultBlocks) };
  }

  private serve(netns: string): QuickServer[] {
    const { kernel } = this.test;
    return [
      ...TCP_PORTS.map((port) => quickTcpServer(kernel, netns, port)),
      ...UDP_PORTS.map((port) => quickUdpServer(kernel, netns, port)),
    ];
  }

  private addNode(ordinal: number): LabNode {
    const name = `node${ordinal}`;
    const addresses: NodeAddresses = nodeAddresses(defaultBlocks, ordinal);
    const { netns } = this.fabric.addNode(name, addresses);
    const status = {
      addresses: addresses.nodeIPs.map((ip) => ({
        type: 'InternalIP' as const,
        address: formatAddress(ip),
      })),
    };
    const node = this.meta('v1', 'Node', name);
    this.sources.nodes.set({
      ...node,
      metadata: { ...node.metadata, labels: { zone: ordinal === 1 ? 'east' : 'west' } },
      spec: {},
      status,
    } as Node);
    return {
      name,
      netns,
      addresses: addresses.nodeIPs,
      network: new VethPodNetwork(this.test.kernel, netns),
      pool: new AddressPool(addresses.podCidrs),
      canaries: canaryAddresses(addresses),
    };
  }

  private meta(apiVersion: string, kind: string, name: string, namespace?: string) {
    this.version += 1;
    const uid = `${kind}-${namespace ?? ''}-${name}`.toLowerCase();
    const resourceVersion = String(this.version);
    const metadata = { name, uid, resourceVersion, ...(namespace && { namespace }) };
    return { apiVersion, kind, metadata };
  }

  namespace(name: string, labels: StringMap = {}): void {
    const object = this.meta('v1', 'Namespace', name);
    const all = { ...labels, 'kubernetes.io/metadata.name': name };
    this.sources.namespaces.set({
      ...object,
      metadata: { ...object.metadata, labels: all },
    } as Namespace);
  }

  /** Makes a pod as a node's agent does: announced, wired, then with its addresses in the API. */
  async pod(options: LabPodOptions): Promise<LabPod> {
    const { name, namespace = 'default', labels = {}, node: position = 0, spec } = options;
    const node = this.nodes[position];
    assert.ok(node, `the lab has no node ${position}`);
    const base = this.meta('v1', 'Pod', name, namespace);
    const { uid } = base.metadata;
    const object: Pod = {
      ...base,
      metadata: { ...base.metadata, labels },
      spec: { nodeName: node.name, containers: [], ...spec },
    };
    const netns = this.test.namespace(`${namespace}-${name}`);
    const addresses = node.pool.take(uid);
    this.enforcer.of(node.name).announce(object, addresses);
    const wire = { uid, namespace, name, addresses, hostPorts: [] };
    await node.network.attach(wire, netns);
    this.servers.push(...this.serve(netns));
    const pod: LabPod = { name, netns, addresses, object, node };
    const podIPs = addresses.map((address) => ({ ip: formatAddress(address) }));
    this.change(pod, { status: { phase: 'Running', podIPs, podIP: podIPs[0]?.ip } });
    return pod;
  }

  /** Replaces parts of a pod's object. */
  change(pod: LabPod, parts: Partial<Pod>): void {
    this.version += 1;
    const metadata = { ...pod.object.metadata, resourceVersion: String(this.version) };
    pod.object = { ...pod.object, metadata, ...parts };
    this.sources.pods.set(pod.object);
  }

  relabel(pod: LabPod, labels: StringMap): void {
    this.change(pod, { metadata: { ...pod.object.metadata, labels } });
  }

  policy(name: string, spec: NetworkPolicy['spec'], namespace = 'default'): void {
    const object = this.meta('networking.k8s.io/v1', 'NetworkPolicy', name, namespace);
    this.sources.policies.set({ ...object, spec: withDefaults(spec) } as NetworkPolicy);
  }

  clusterPolicy(name: string, spec: ClusterNetworkPolicy['spec']): void {
    const object = this.meta('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', name);
    this.sources.clusterPolicies.set({ ...object, spec } as ClusterNetworkPolicy);
  }

  /** Takes all policies away. */
  clear(): void {
    for (const { metadata } of this.sources.policies.list()) {
      this.sources.policies.delete(`${metadata.namespace}/${metadata.name}`);
    }
    for (const { metadata } of this.sources.clusterPolicies.list()) {
      this.sources.clusterPolicies.delete(metadata.name);
    }
  }

  /** What connections are judged by. */
  get world(): PolicyWorld {
    const byKey = <T extends KubeObject>(source: Source<T>): Map<string, T> =>
      new Map(source.list().map((object) => [keyOf(object), object]));
    const { namespaces, policies, clusterPolicies, nodes } = this.sources;
    return {
      namespaces: byKey(namespaces),
      policies: byKey(policies),
      clusterPolicies: byKey(clusterPolicies),
      nodes: byKey(nodes),
      podRanges: this.enforcer.podRanges,
    };
  }

  /** Forgets connections soon: thousands are made, and each is tracked. */
  quicken(): void {
    const timeouts = ['udp_timeout', 'udp_timeout_stream', 'tcp_timeout_close'];
    for (const { netns } of this.nodes) {
      for (const name of timeouts) {
        this.test.kernel.writeSysctl(netns, `net/netfilter/nf_conntrack_${name}`, '1');
      }
    }
  }

  /** Runs an nft command on a node. */
  nft(node: LabHost | undefined, command: string): string {
    return nftIn(node?.netns ?? '', command);
  }

  /** Packets that policies dropped so far, on all nodes. */
  drops(): number {
    return this.enforcer.drops().reduce((sum, { egress, ingress }) => sum + egress + ingress, 0);
  }

  /**
   * Tries real connections, all at once. True for each that was answered, false for each that was dropped: the others
   * have to be as many as the kernels have dropped meanwhile.
   */
  async survey(attempts: readonly LabAttempt[]): Promise<boolean[]> {
    this.enforcer.flush();
    const before = this.drops();
    const open = new Map<LabAttempt, QuickAttempt>();
    for (const [from, own] of Map.groupBy(attempts, (attempt) => attempt.from)) {
      this.test.kernel.inNamespace(from.netns, () => {
        for (const attempt of own) {
          open.set(attempt, (attempt.protocol === 'TCP' ? quickTcp : quickUdp)(attempt));
        }
      });
    }
    try {
      await this.untilDecided([...open.values()], before);
      return attempts.map((attempt) => open.get(attempt)?.isAnswered() ?? false);
    } finally {
      for (const attempt of open.values()) attempt.close();
      this.answer();
    }
  }

  /** One connection. */
  async reaches(
    from: LabHost,
    to: LabHost | string,
    { port = 80, protocol = 'TCP', family = 4 }: Partial<LabAttempt> & { family?: 4 | 6 } = {},
  ): Promise<boolean> {
    const found =
      typeof to === 'string' ? undefined : to.addresses.find((a) => a.family === family);
    const address = found === undefined ? String(to) : formatAddress(found);
    const [result] = await this.survey([{ from, address, port, protocol }]);
    return result ?? false;
  }

  private async untilDecided(open: readonly QuickAttempt[], before: number): Promise<void> {
    const deadline = Date.now() + LIMIT_MS;
    let waiting = open;
    for (;;) {
      this.answer();
      waiting = waiting.filter((attempt) => !attempt.isAnswered());
      if (waiting.length === 0 || this.drops() - before >= waiting.length) return;
      assert.ok(Date.now() < deadline, `${waiting.length} connections got lost`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private answer(): void {
    for (const server of this.servers) server.answer();
  }

  dispose(): void {
    this.enforcer.close();
    for (const server of this.servers) server.close();
    for (const { network } of this.nodes) network.close();
    this.fabric.close();
    this.test.dispose();
    assert.deepEqual(this.log, []);
  }
}

/** As the API server fills in (row 4). */
function withDefaults(spec: NetworkPolicy['spec']): NetworkPolicy['spec'] {
  const isEgress = (spec.egress ?? []).length > 0;
  const rules = [...(spec.ingress ?? []), ...(spec.egress ?? [])];
  for (const port of rules.flatMap(({ ports }) => ports ?? [])) port.protocol ??= 'TCP';
  return { policyTypes: isEgress ? ['Ingress', 'Egress'] : ['Ingress'], ...spec };
}
