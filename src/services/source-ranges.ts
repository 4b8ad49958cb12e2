import {
  cidrOf,
  containsAddress,
  formatCidr,
  parseAddress,
  parseCidr,
  requireCidr,
  type Address,
  type Cidr,
} from '../ip/index.ts';
import type { Capture, ServiceObject, Vantage } from './contract.ts';
import type { FrontendAddress } from './frontends.ts';

/**
 * Who may use a load balancer's address; NodePorts are never guarded (KEP-3866; row 11). Families stand alone: ranges
 * of the other family only guard nothing. Where one of this node's addresses is in range, so is the balancer's own:
 * a node that carries that address locally sends under it.
 */
export function sourceRangesOf(
  { spec }: ServiceObject,
  { frontend, ip }: Pick<FrontendAddress, 'frontend' | 'ip'>,
  { nodeIPs }: Vantage,
): Pick<Capture, 'sourceRanges'> {
  if (frontend !== 'LoadBalancerIP') return {};
  const self = parseAddress(ip);
  const ranges = (spec.loadBalancerSourceRanges ?? [])
    .map((text) => parseCidr(text.trim()))
    .filter((range) => range !== undefined)
    .filter(({ family }) => family === self?.family);
  if (self === undefined || ranges.length === 0) return {};
  const isNodeAllowed = nodeIPs.some((text) => {
    const address = parseAddress(text);
    return address !== undefined && isInOneOf(ranges, address);
  });
  const all = isNodeAllowed && !isInOneOf(ranges, self) ? [...ranges, cidrOf(self)] : ranges;
  return { sourceRanges: all.map(formatCidr) };
}

/** Whether a connection from this address gets past the ranges of a capture; a capture without ranges keeps nobody out. */
export function admitsSource(
  { sourceRanges }: Pick<Capture, 'sourceRanges'>,
  source: Address,
): boolean {
  return sourceRanges === undefined || isInOneOf(sourceRanges.map(requireCidr), source);
}

function isInOneOf(ranges: readonly Cidr[], address: Address): boolean {
  return ranges.some((range) => containsAddress(range, address));
}
