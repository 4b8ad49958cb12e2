import {
  containsAddress,
  formatAddress,
  parseAddress,
  requireCidr,
  unmap,
  type Cidr,
} from '../ip/index.ts';
import { defaultBlocks, outsideAddresses } from '../node/index.ts';
import { externalBlocks } from './address-book.ts';

/** Where a node's answers go without passing the fabric. */
export const pastFabric: readonly Cidr[] = [
  ...defaultBlocks.underlay,
  ...defaultBlocks.pods,
  ...defaultBlocks.services,
];
/** That, and what nobody outside has. */
const elsewhere = [
  ...pastFabric,
  // The host's own clients come from the external address itself.
  ...externalBlocks,
  ...['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10'].map(requireCidr),
];
const ownAddresses = new Set(outsideAddresses(defaultBlocks).map(formatAddress));

/**
 * The address in whose name a balancer may dial a node: the client's, if the node's answer comes back through the
 * fabric. So it is for whatever is behind the fabric and for the fabric itself; not for nodes and pods, which would
 * get an answer that they never asked for.
 */
export function sourceToKeep(client: string): string | undefined {
  const parsed = parseAddress(client);
  if (parsed === undefined) return undefined;
  const address = unmap(parsed);
  const text = formatAddress(address);
  if (ownAddresses.has(text)) return text;
  return elsewhere.some((block) => containsAddress(block, address)) ? undefined : text;
}
