import { containsAddress, parseAddress, unmap, type Cidr } from '../ip/index.ts';

/**
 * Whether `loadBalancerSourceRanges` let a client in (row 11). The nodes' kernels apply them to what pods send to the
 * external address; what comes through the balancer reaches nodes at a node port, to which they do not apply, so that
 * the balancer has to. Ranges that are none let nobody in.
 */
export function isAdmitted(client: string, ranges: readonly Cidr[] | undefined): boolean {
  if (ranges === undefined) return true;
  const address = parseAddress(client);
  return address !== undefined && ranges.some((range) => containsAddress(range, unmap(address)));
}
