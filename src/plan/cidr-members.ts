import {
  containsCidr,
  firstAddress,
  formatAddress,
  lastAddress,
  parseAddress,
  cidrOf,
  requireCidr,
  type Cidr,
  type Family,
} from '../ip/index.ts';
import type { SetDefinition } from '../nft/index.ts';
import { planFamily, setsOf, type Sets } from './layout.ts';
import type { Member } from './member.ts';
import type { PlanSettings } from './settings.ts';

/** An address is a block of itself. @throws Fault `INVALID_CIDR`. */
function blockOf(text: string): Cidr {
  const address = parseAddress(text);
  return address === undefined ? requireCidr(text) : cidrOf(address);
}

/** Drops repeated blocks and blocks inside others: the kernel refuses intervals that overlap. */
function disjoint(blocks: readonly Cidr[]): Cidr[] {
  const sorted = [...blocks].sort((a, b) => a.prefixLength - b.prefixLength);
  const kept: Cidr[] = [];
  for (const block of sorted) {
    if (!kept.some((outer) => containsCidr(outer, block))) kept.push(block);
  }
  return kept;
}

/** The blocks, with none inside another. @throws Fault `INVALID_CIDR`. */
export function disjointBlocks(texts: readonly string[]): Cidr[] {
  return disjoint(texts.map(blockOf));
}

/** The first and last addresses of blocks, with none inside another. @throws Fault `INVALID_CIDR`. */
export function cidrKeys(
  texts: readonly string[],
): { readonly family: Family; readonly first: string; readonly last: string }[] {
  return disjointBlocks(texts).map((block) => ({
    family: block.family,
    first: formatAddress(firstAddress(block)),
    last: formatAddress(lastAddress(block)),
  }));
}

function membersOf(texts: readonly string[], pick: (sets: Sets) => SetDefinition): Member[] {
  return cidrKeys(texts).map(({ family, first, last }) => ({
    set: pick(setsOf(planFamily(family))),
    element: { key: [first], ...(first === last ? {} : { keyEnd: [last] }) },
  }));
}

/** The elements of the address sets that follow from the settings. @throws Fault `INVALID_CIDR`. */
export function settingsMembers({ podCIDRs, serviceCIDRs, nodeIPs }: PlanSettings): Member[] {
  return [
    ...membersOf(podCIDRs, (sets) => sets.podCIDRs),
    ...membersOf(serviceCIDRs, (sets) => sets.serviceCIDRs),
    ...membersOf([...podCIDRs, ...serviceCIDRs, ...nodeIPs], (sets) => sets.clusterCIDRs),
  ];
}
