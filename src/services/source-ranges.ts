import {
  cidrOf,
  containsAddress,
  formatCidr,
  parseAddress,
  parseCidr,
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
  const isNodeAllowed = nodeIPs.some((text) => isInOneOf(ranges, text));
  const all = isNodeAllowed && !isInOneOf(ranges, ip) ? [...ranges, cidrOf(self)] : ranges;
  return { sourceRanges: all.map(formatCidr) };
}

function isInOneOf(ranges: readonly Cidr[], text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && ranges.some((range) => containsAddress(range, address));
}
