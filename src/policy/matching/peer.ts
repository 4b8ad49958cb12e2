import type { IPBlock, NetworkPolicyPeer } from '../../kube/index.ts';
import type { Party, PolicyWorld } from '../contract.ts';
import { blockContains, readBlock } from '../ip-blocks.ts';
import { describeParty } from './describe.ts';
import { podMiss } from './pod-selection.ts';

/** Where a peer of a NetworkPolicy stands. */
export interface PeerPlace {
  /** `ingress[0].from[1]`. */
  readonly at: string;
  /** Of the policy: what a podSelector alone is about (row 17). */
  readonly namespace: string;
}

/** Why a peer of a NetworkPolicy is not this end of the connection; `undefined` when it is. */
export function peerMiss(
  world: PolicyWorld,
  peer: NetworkPolicyPeer,
  party: Party,
  { at, namespace }: PeerPlace,
): string | undefined {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  if (ipBlock !== undefined) return blockMiss(ipBlock, party, `${at}.ipBlock`);
  if (podSelector === undefined && namespaceSelector === undefined) return `${at} names no peer`;
  if (party.pod === undefined) return `${at} means pods, ${describeParty(party)} is none`;
  return podMiss(world, party.pod, {
    namespace:
      namespaceSelector === undefined
        ? namespace
        : { at: `${at}.namespaceSelector`, selector: namespaceSelector },
    pods: podSelector && { at: `${at}.podSelector`, selector: podSelector },
  });
}

/** Blocks match the addresses of pods and nodes like any other (row 23). */
function blockMiss(ipBlock: IPBlock, party: Party, at: string): string | undefined {
  const block = readBlock(ipBlock);
  if (block === undefined) return `${at} has a CIDR that cannot be read`;
  const { address } = party;
  if (address === undefined) return `${at} means addresses, ${describeParty(party)} has none yet`;
  if (blockContains(block, address)) return undefined;
  const isExcepted = blockContains({ ...block, except: [] }, address);
  return isExcepted
    ? `${at}.except takes ${describeParty(party)} out of ${ipBlock.cidr}`
    : `${at}.cidr is ${ipBlock.cidr}, ${describeParty({ address })} is not in it`;
}
