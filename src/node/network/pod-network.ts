import { createHash } from 'node:crypto';
import type { Address } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { Connection } from '../../netlink/index.ts';
import { connectPod, disconnectPod } from './pod-wire.ts';

/** The pod's interface, inside the pod's namespace. */
export const POD_LINK = 'eth0';

/** Wires pods to their node. */
export interface PodNetwork {
  /** True when pods have the addresses of the node's pool; false when the network finds some for them. */
  readonly usesAddressPool: boolean;
  /** True when a container's `hostPort` is open on the node. */
  readonly opensHostPorts: boolean;
  /** Whether the other nodes know the way to an address that {@link PodNetwork.attach} gave. */
  isRouted(address: Address): boolean;
  /** Why no pod gets a network now, in the kubelet's words; undefined when nothing is wrong. */
  readonly problem: string | undefined;
  /** Calls the listener whenever {@link PodNetwork.problem} has changed. */
  onChange(listener: () => void): void;
  /**
   * Gives a pod its link and routes; the pod's namespace is pinned at `netns`.
   * @returns the addresses that the pod has then: those it came with, or the network's own.
   */
  attach(pod: PodWire, netns: string): Promise<readonly Address[]>;
  /** Takes the pod's link away from the node; harmless when it is gone, or when its namespace is. */
  detach(pod: Pick<PodWire, 'uid'>, netns: string): Promise<void>;
  /** After a restart of the daemon: gives up what belongs to none of these pods. */
  tidy(uids: ReadonlySet<string>): Promise<void>;
  close(): void;
}

/** A container's port that the node shall have too (`hostPort`). */
export interface HostPort {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly hostIP?: string;
}

/** A pod as its network sees it. */
export interface PodWire {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** From the node's pool; none when the network does not use it. */
  readonly addresses: readonly Address[];
  readonly hostPorts: readonly HostPort[];
}

/** The node's end of a pod's wire: `veth` and eleven hexadecimal digits of a hash of the pod's uid. */
export function wireName(uid: string): string {
  return `veth${createHash('sha256').update(uid).digest('hex').slice(0, 11)}`;
}

/** The wires of one node's pods. */
export class VethPodNetwork implements PodNetwork {
  readonly usesAddressPool = true;
  readonly opensHostPorts = false;
  readonly problem = undefined;
  private readonly kernel: Kernel;
  private readonly node: Connection;

  constructor(kernel: Kernel, nodeNetns: string) {
    this.kernel = kernel;
    this.node = new Connection(kernel.openRouteSocket(nodeNetns));
  }

  /** Wired before it returns: nothing else of this process runs in between. */
  async attach(
    { uid, addresses }: Pick<PodWire, 'uid' | 'addresses'>,
    netns: string,
  ): Promise<readonly Address[]> {
    const { kernel, node } = this;
    connectPod({ kernel, node, netns }, { nodeLink: wireName(uid), podLink: POD_LINK, addresses });
    return addresses;
  }

  async detach({ uid }: Pick<PodWire, 'uid'>): Promise<void> {
    disconnectPod(this.node, wireName(uid));
  }

  /** Addresses are of the node's block, to which every node has a route. */
  isRouted(): boolean {
    return true;
  }

  /** Nothing ever keeps it from wiring pods. */
  onChange(): void {}

  /** A wire is gone as soon as its pod is: whoever removes the pod's namespace removes it. */
  async tidy(): Promise<void> {}

  close(): void {
    this.node.close();
  }
}
