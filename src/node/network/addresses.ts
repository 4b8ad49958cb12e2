import {
  addressToBytes,
  formatCidr,
  nthAddress,
  nthSubnet,
  requireCidr,
  type Address,
  type Cidr,
} from '../../ip/index.ts';

/** The blocks a cluster is cut from, each for both families (IPv4 first). */
export interface ClusterBlocks {
  /** The nodes and the outside world. */
  readonly underlay: readonly Cidr[];
  readonly pods: readonly Cidr[];
  readonly services: readonly Cidr[];
}

/** The defaults of design.md. */
export const defaultBlocks: ClusterBlocks = {
  underlay: [requireCidr('172.18.0.0/16'), requireCidr('fd00:172:18::/64')],
  pods: [requireCidr('10.244.0.0/16'), requireCidr('fd00:10:244::/56')],
  services: [requireCidr('10.96.0.0/12'), requireCidr('fd00:10:96::/112')],
};

/** What one node has of the cluster's blocks. */
export interface NodeAddresses {
  /** 1 for the first node. */
  readonly ordinal: number;
  /** On the underlay, IPv4 first. */
  readonly nodeIPs: readonly Address[];
  /** A /24 and a /64 of the pod blocks. */
  readonly podCidrs: readonly Cidr[];
}

/** A node's share of a block: a /24 of IPv4, a /64 of IPv6, as kubeadm's defaults cut them. */
const sharePrefix = { 4: 24, 6: 64 } as const;

/** The outside world's own address on the underlay: the first of each block. */
export function outsideAddresses(blocks: ClusterBlocks): readonly Address[] {
  return blocks.underlay.map((cidr) => nthAddress(cidr, 1));
}

/** The addresses of the node with an ordinal from 1 on. */
export function nodeAddresses(blocks: ClusterBlocks, ordinal: number): NodeAddresses {
  return {
    ordinal,
    nodeIPs: blocks.underlay.map((cidr) => nthAddress(cidr, ordinal + 1)),
    podCidrs: blocks.pods.map((cidr) => nthSubnet(cidr, sharePrefix[cidr.family], ordinal - 1)),
  };
}

/**
 * The addresses of a node's two canaries, pods that only try whether network policies work: the two numbers of its block
 * that no pod gets.
 */
export function canaryAddresses({ podCidrs }: NodeAddresses): readonly [Address[], Address[]] {
  const numbered = (number: number): Address[] => podCidrs.map((cidr) => nthAddress(cidr, number));
  return [numbered(0), numbered(1)];
}

/** How many nodes the pod block has room for. */
export function maxNodes(blocks: ClusterBlocks): number {
  return Math.min(
    ...blocks.pods.map((cidr) => 2 ** (sharePrefix[cidr.family] - cidr.prefixLength)),
  );
}

/** A hardware address made from an IPv4 address: unique on a link without asking anyone. */
export function macOf(address: Address): string {
  const tail = addressToBytes(address).subarray(-4);
  return ['0a', '58', ...[...tail].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

/** `10.244.0.0/24`, for messages and the Node object. */
export function cidrTexts(cidrs: readonly Cidr[]): string[] {
  return cidrs.map(formatCidr);
}
