import { formatIPv4, parseIPv4 } from './ipv4.ts';

const GROUPS = 8;
const HEX_GROUP = /^[0-9a-fA-F]{1,4}$/;
const MAPPED_PREFIX = 0xffffn;

/**
 * Reads the text of an IPv6 address (RFC 4291 section 2.2: groups, one `::`, an IPv4 tail) into its 128-bit
 * value, or `undefined` when it is none. Zones (`%eth0`) are not part of an address here, as in Kubernetes.
 */
export function parseIPv6(text: string): bigint | undefined {
  const gap = text.indexOf('::');
  if (gap === -1) return joinGroups(readGroups(text), [], false);
  const head = text.slice(0, gap);
  const tail = text.slice(gap + 2);
  // An IPv4 tail can only be the end of the whole address.
  if (head.includes('.')) return undefined;
  return joinGroups(readGroups(head), readGroups(tail), true);
}

/** The 16-bit groups of one side of the `::`; an empty side has none. */
function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (HEX_GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const isLast = index === parts.length - 1;
    const tail = isLast ? parseIPv4(part) : undefined;
    if (tail === undefined) return undefined;
    groups.push(tail >>> 16, tail & 0xffff);
  }
  return groups;
}

function joinGroups(
  head: number[] | undefined,
  tail: number[] | undefined,
  hasGap: boolean,
): bigint | undefined {
  if (head === undefined || tail === undefined) return undefined;
  const missing = GROUPS - head.length - tail.length;
  if (hasGap ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Writes the canonical text of RFC 5952; IPv4-mapped addresses keep their dotted tail (section 5). */
export function formatIPv6(value: bigint): string {
  if (value >> 32n === MAPPED_PREFIX) {
    return `::ffff:${formatIPv4(Number(value & 0xffff_ffffn))}`;
  }
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    Number((value >> BigInt(16 * (GROUPS - 1 - index))) & 0xffffn),
  );
  const gap = longestZeroRun(groups);
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (gap.length < 2) return text(groups);
  return `${text(groups.slice(0, gap.start))}::${text(groups.slice(gap.start + gap.length))}`;
}

/** The first of the longest runs of zero groups (RFC 5952 section 4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
