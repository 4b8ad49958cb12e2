import {
  formatAddress,
  parseAddress,
  requireAddress,
  type Address,
  type Family,
} from '../../ip/index.ts';
import { keyOf, type Node, type Pod } from '../../kube/index.ts';
import type { Party } from '../../policy/index.ts';
import type { End } from '../contract.ts';
import { nodeAddresses, type Scene } from '../scene.ts';

/** A pod, a node or an address outside: where connections start and end. */
export interface Station {
  /** `pod shop/web-0`, `node node1`, `outside`, `203.0.113.9` */
  readonly name: string;
  readonly pod?: Pod;
  /** The node whose address it is; of pods, the one they run on. */
  readonly node?: string;
  /** At most one of each family. */
  readonly addresses: readonly Address[];
}

/** Addresses of nobody in particular (RFC 5737, RFC 3849): they stand for the world outside. */
const outsideAddresses = ['203.0.113.7', '2001:db8::7'].map(requireAddress);

export const outside: Station = { name: 'outside', addresses: outsideAddresses };

/** The world outside as connections come from it. */
export function outsideOf({ outside: addresses }: Scene): Station {
  return addresses === undefined ? outside : { name: outside.name, addresses };
}

/** The world outside, or somebody there of whom no more than the name is known. */
export function isAnybodyOutside({ name, addresses }: Station): boolean {
  return name === outside.name || addresses === outside.addresses;
}

function addressesOf(texts: readonly string[]): Address[] {
  return texts.flatMap((text) => parseAddress(text) ?? []);
}

export function podStation(pod: Pod): Station {
  const { podIPs = [], podIP } = pod.status ?? {};
  const texts = podIPs.length > 0 ? podIPs.map(({ ip }) => ip) : [podIP ?? ''];
  const { nodeName } = pod.spec;
  return {
    name: `pod ${keyOf(pod)}`,
    pod,
    ...(nodeName === undefined ? {} : { node: nodeName }),
    addresses: addressesOf(texts),
  };
}

export function nodeStation(node: Node): Station {
  const { name } = node.metadata;
  return { name: `node ${name}`, node: name, addresses: addressesOf(nodeAddresses(node)) };
}

/** Whoever has the address: a pod, a node, or somebody outside. */
export function stationAt(scene: Scene, address: Address): Station {
  const pod = scene.podAt(address);
  if (pod !== undefined) return { ...podStation(pod), addresses: [address] };
  const node = scene.nodeAt(address);
  if (node !== undefined) return { ...nodeStation(node), addresses: [address] };
  return { name: formatAddress(address), addresses: [address] };
}

export function isHostPod({ pod }: Station): boolean {
  return pod?.spec.hostNetwork === true;
}

/** A pod with a network of its own. */
export function isOwnPod(station: Station): boolean {
  return station.pod !== undefined && !isHostPod(station);
}

export function addressIn(station: Station, family: Family): Address | undefined {
  return station.addresses.find((address) => address.family === family);
}

/** As policies see it. */
export function partyOf(station: Station, family: Family): Party {
  const address = addressIn(station, family);
  return {
    ...(address === undefined ? {} : { address }),
    ...(station.pod === undefined ? {} : { pod: station.pod }),
    ...(station.node === undefined ? {} : { node: station.node }),
  };
}

export function endOf(scene: Scene, station: Station, address?: Address): End {
  const text = address === undefined ? undefined : formatAddress(address);
  const isTold = text !== undefined && !scene.snapshot.assumed.addresses.has(text);
  const isVague = station.addresses === outside.addresses;
  return isTold && !isVague ? { name: station.name, address: text } : { name: station.name };
}
