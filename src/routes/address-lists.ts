import { containsAddress, parseAddress, parseCidr, unmap, type Cidr } from '../ip/index.ts';
import type { RoutePolicy } from './policy.ts';

const parsed = new WeakMap<readonly string[], readonly Cidr[]>();

/** The blocks of a list, which was checked when it was read; kept for as long as the list is. */
function blocksOf(list: readonly string[]): readonly Cidr[] {
  const known = parsed.get(list);
  if (known !== undefined) return known;
  const blocks = list.map(parseCidr).filter((block) => block !== undefined);
  parsed.set(list, blocks);
  return blocks;
}

/** Whether an address is in one of the blocks. */
export function isInBlocks(list: readonly string[], text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  return blocksOf(list).some((block) => containsAddress(block, unmap(address)));
}

/** The denylist first, then the allowlist, as ingress-nginx does. */
export function isAddressAllowed({ allow, deny }: RoutePolicy, client: string): boolean {
  if (deny !== undefined && isInBlocks(deny, client)) return false;
  return allow === undefined || isInBlocks(allow, client);
}
