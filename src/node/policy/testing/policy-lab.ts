import assert from 'node:assert/strict';
import { systemClock } from '../../../clock/index.ts';
import { cidrOf, formatAddress, requireAddress, type Address } from '../../../ip/index.ts';
import { TestKernel } from '../../../kernel/testing/test-kernel.ts';
import { keyOf, type Pod, type StringMap } from '../../../kube/index.ts';
import { addAddress } from '../../../netlink/index.ts';
import { Nftables } from '../../../nft/index.ts';
import { nftIn } from '../../../nft/testing/fresh-nftables.ts';
import { NodeProgrammer } from '../../../plan/index.ts';
import { capturesOf } from '../../../plan/testing/services.ts';
import { AddressPool } from '../../network/address-pool.ts';
import {
  canaryAddresses,
  cidrTexts,
  defaultBlocks,
  nodeAddresses,
  outsideAddresses,
} from '../../network/addresses.ts';
import { Fabric } from '../../network/fabric.ts';
import { VethPodNetwork } from '../../network/pod-network.ts';
import { PolicyEnforcer } from '../policy-enforcer.ts';
import { LabObjects } from './lab-objects.ts';
import { LabTraffic, type LabHost } from './lab-traffic.ts';

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
  /** The API has it, but without its addresses. */
  readonly isUnreported?: boolean;
  /** Nobody tells of it before it has its link. */
  readonly isUnannounced?: boolean;
}

const CLUSTER_DNS = '10.96.0.10';
const LOOPBACK_LINK = 1;

/** Real nodes with real pods on them, whose policies are enforced; the API is a few sources that tests change. */
export class PolicyLab extends LabObjects {
  readonly test = new TestKernel();
  readonly nodes: readonly LabNode[];
  readonly outside: LabHost;
  readonly log: string[] = [];
  readonly enforcer: PolicyEnforcer;
  readonly traffic: LabTraffic;
  private readonly fabric: Fabric;
  private readonly proxies: NodeProgrammer[] = [];

  private constructor(count: number) {
    super();
    const { test } = this;
    this.fabric = new Fabric({
      kernel: test.kernel,
      blocks: defaultBlocks,
      paths: { fabric: test.pin('fabric'), nodePin: (name) => test.pin(name) },
      isAdopted: false,
    });
    this.nodes = Array.from({ length: count }, (_, position) => this.addNode(position + 1));
    const { netns } = this.fabric;
    this.outside = { name: 'outside', netns, addresses: outsideAddresses(defaultBlocks) };
    this.enforcer = this.createEnforcer();
    this.traffic = new LabTraffic({
      kernel: test.kernel,
      settle: () => this.enforcer.flush(),
      drops: () => this.drops(),
    });
    this.traffic.serve(netns);
  }

  /** Nodes, two unless told otherwise, with neither pods nor policies. */
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

  private addNode(ordinal: number): LabNode {
    const name = `node${ordinal}`;
    const addresses = nodeAddresses(defaultBlocks, ordinal);
    const { netns } = this.fabric.addNode(name, addresses);
    const object = this.meta('v1', 'Node', name);
    this.sources.nodes.set({
      ...object,
      metadata: { ...object.metadata, labels: { zone: ordinal === 1 ? 'east' : 'west' } },
      spec: {},
      status: {
        addresses: addresses.nodeIPs.map((ip) => ({
          type: 'InternalIP' as const,
          address: formatAddress(ip),
        })),
      },
    });
    return {
      name,
      netns,
      addresses: addresses.nodeIPs,
      network: new VethPodNetwork(this.test.kernel, netns),
      pool: new AddressPool(addresses.podCidrs),
      canaries: canaryAddresses(addresses),
    };
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
    const netns = this.test.namespace(uid);
    const addresses = node.pool.take(uid);
    if (options.isUnannounced !== true) this.enforcer.of(node.name).announce(object, addresses);
    await node.network.attach({ uid, addresses }, netns);
    this.traffic.serve(netns);
    const pod: LabPod = { name, netns, addresses, object, node };
    this.change(pod, options.isUnreported === true ? {} : { status: statusOf(addresses) });
    return pod;
  }

  /** Takes a pod away as its node's agent does. */
  async removePod(pod: LabPod): Promise<void> {
    const { uid = '' } = pod.object.metadata;
    await pod.node.network.detach({ uid });
    this.enforcer.of(pod.node.name).retract(uid);
    pod.node.pool.release(uid);
    this.sources.pods.delete(keyOf(pod.object));
  }

  /** Another pod of the API, in the place of one that the API still has. */
  inherit(old: LabPod, name: string, labels: StringMap): LabPod {
    const { object: before, node, addresses } = old;
    const base = this.meta('v1', 'Pod', name, before.metadata.namespace);
    const object: Pod = {
      ...base,
      metadata: { ...base.metadata, labels },
      spec: before.spec,
      status: statusOf(addresses),
    };
    this.enforcer.of(node.name).retract(before.metadata.uid ?? '');
    this.enforcer.of(node.name).announce(object, addresses);
    this.sources.pods.set(object);
    return { ...old, name, object };
  }

  /** A pod in its node's network, in the API only. @returns its key */
  hostPod(name: string, node: number, labels: StringMap): string {
    const base = this.meta('v1', 'Pod', name, 'default');
    const place = this.nodes[node];
    assert.ok(place, `the lab has no node ${node}`);
    const object: Pod = {
      ...base,
      metadata: { ...base.metadata, labels },
      spec: { nodeName: place.name, hostNetwork: true, containers: [] },
      status: statusOf(place.addresses),
    };
    this.sources.pods.set(object);
    return keyOf(object);
  }

  /** One Service of both families with these endpoints, at 10.96.0.1 and fd00:10:96::1; none takes it away. */
  service(
    backends: readonly LabPod[],
    options: { readonly port?: number; readonly nodePort?: number } = {},
  ): void {
    if (this.proxies.length === 0) this.openProxies();
    for (const [at, proxy] of this.proxies.entries()) {
      const [nodeName, nodeIPs] = [this.nodes[at]?.name ?? '', this.nodes[at]?.addresses ?? []];
      const captures = capturesOf({
        targetPort: 80,
        ...options,
        vantage: { nodeName, nodeIPs: nodeIPs.map(formatAddress) },
        backends: backends.map(({ addresses, node }) => ({
          addresses: addresses.map(formatAddress) as [string, string],
          nodeName: node.name,
        })),
      });
      proxy.apply('default/web', backends.length === 0 ? [] : captures);
    }
  }

  private openProxies(): void {
    for (const { name, netns } of this.nodes) {
      const proxy = new NodeProgrammer(
        new Nftables(this.test.kernel.openNetfilterSocket(netns)),
        {
          nodeName: name,
          podCIDRs: cidrTexts(defaultBlocks.pods),
          serviceCIDRs: cidrTexts(defaultBlocks.services),
          nodeIPs: this.nodes.flatMap(({ addresses }) => addresses.map(formatAddress)),
        },
        ({ cause }) => {
          throw cause;
        },
      );
      proxy.start();
      this.proxies.push(proxy);
    }
  }

  /** Makes a node answer at an address of its own loopback, untracked, as nodes answer for cluster DNS. */
  answerLocally(node: LabNode, text: string): void {
    const address = requireAddress(text);
    const { prefixLength } = cidrOf(address);
    this.test
      .connect(node.netns)
      .request(addAddress({ link: LOOPBACK_LINK, address, prefixLength }));
    this.nft(
      node,
      `table ip local {
         chain in { type filter hook prerouting priority raw; ip daddr ${text} notrack; }
         chain out { type filter hook output priority raw; ip saddr ${text} notrack; }
       }`,
    );
    this.traffic.serve(node.netns);
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
  nft(node: LabHost, command: string): string {
    return nftIn(node.netns, command);
  }

  /** Packets that policies dropped so far, on all nodes. */
  drops(): number {
    return this.enforcer.drops().reduce((sum, { egress, ingress }) => sum + egress + ingress, 0);
  }

  dispose(): void {
    this.enforcer.close();
    this.traffic.close();
    for (const proxy of this.proxies) proxy.close();
    for (const { network } of this.nodes) network.close();
    this.fabric.close();
    this.test.dispose();
    assert.deepEqual(this.log, []);
  }
}

function statusOf(addresses: readonly Address[]): NonNullable<Pod['status']> {
  const podIPs = addresses.map((address) => ({ ip: formatAddress(address) }));
  const [first] = podIPs;
  return { phase: 'Running', podIPs, ...(first && { podIP: first.ip }) };
}
