import { formatAddress } from '../../ip/index.ts';
import { keyOf } from '../../kube/index.ts';
import type { Party } from '../contract.ts';

/** How sentences name one end of a connection. */
export function describeParty({ pod, address, node }: Party): string {
  if (pod !== undefined) return `pod ${keyOf(pod)}`;
  if (node !== undefined) return `node ${node}`;
  return address === undefined ? 'an unknown address' : formatAddress(address);
}
