import { CNI_CODE, CniError } from '../cni/index.ts';
import {
  containsAddress,
  firstAddress,
  isSameAddress,
  lastAddress,
  overlaps,
  parseAddress,
  parseCidr,
  type Address,
  type Cidr,
} from '../ip/index.ts';
import type { PluginSettings, RangeConfig } from './request.ts';

/** Addresses from `first` to `last`, both included, without the gateway. */
export interface AddressRange {
  readonly first: Address;
  readonly last: Address;
  readonly gateway?: Address;
}

/** One address of each set goes to a pod. */
export type RangeSet = readonly AddressRange[];

function invalid(message: string): CniError {
  return new CniError({ number: CNI_CODE.invalidConfiguration, message });
}

function readAddress(text: string, subnet: Cidr, field: string): Address {
  const address = parseAddress(text);
  if (address !== undefined && containsAddress(subnet, address)) return address;
  throw invalid(`ipam: ${field} ${JSON.stringify(text)} is no address of the subnet`);
}

/** The addresses that hosts may have: not the network's own and, of IPv4, not the broadcast address. */
function usable(subnet: Cidr): { first: Address; last: Address } {
  const [first, last] = [firstAddress(subnet), lastAddress(subnet)];
  if (last.value - first.value < 2n) return { first, last };
  const { family } = first;
  return {
    first: { family, value: first.value + 1n },
    last: { family, value: family === 4 ? last.value - 1n : last.value },
  };
}

function readRange({ subnet: text, rangeStart, rangeEnd, gateway }: RangeConfig): AddressRange {
  const subnet = parseCidr(text);
  if (subnet === undefined) throw invalid(`ipam: ${JSON.stringify(text)} is no subnet`);
  const whole = usable(subnet);
  const first =
    rangeStart === undefined ? whole.first : readAddress(rangeStart, subnet, 'rangeStart');
  const last = rangeEnd === undefined ? whole.last : readAddress(rangeEnd, subnet, 'rangeEnd');
  if (first.value > last.value) throw invalid(`ipam: the range of ${text} ends before it starts`);
  if (gateway === undefined) return { first, last };
  return { first, last, gateway: readAddress(gateway, subnet, 'gateway') };
}

function checkSets(sets: readonly (readonly RangeConfig[])[]): void {
  if (sets.length === 0 || sets.some((set) => set.length === 0)) {
    throw invalid('ipam: give subnet, ranges, or the type of a plugin that has addresses');
  }
  const subnets = sets.flat().map(({ subnet }) => parseCidr(subnet));
  for (const [position, subnet] of subnets.entries()) {
    const other = subnets
      .slice(position + 1)
      .find((next) => next && subnet && overlaps(next, subnet));
    if (other !== undefined) throw invalid('ipam: two ranges have addresses in common');
  }
}

/** The plugin's own ranges: the runtime's, or those of its configuration. @throws CniError 7 */
export function readRanges({ ipam = {}, runtimeConfig = {} }: PluginSettings): RangeSet[] {
  const { subnet } = ipam;
  const configured = [...(subnet === undefined ? [] : [[{ subnet }]]), ...(ipam.ranges ?? [])];
  const sets = runtimeConfig.ipRanges ?? configured;
  checkSets(sets);
  return sets.map((set) => set.map(readRange));
}

function* between(range: AddressRange, from: bigint, to: bigint): Generator<Address> {
  const { family } = range.first;
  for (let value = from; value <= to; value += 1n) {
    const address = { family, value };
    if (range.gateway === undefined || !isSameAddress(range.gateway, address)) yield address;
  }
}

/**
 * All addresses of a set, from the one after `previous` on and around: a new pod does not inherit what others still remember
 * of the last one.
 */
export function* addressesAfter(set: RangeSet, previous: Address | undefined): Generator<Address> {
  const position = set.findIndex(
    ({ first, last }) =>
      previous?.family === first.family &&
      previous.value >= first.value &&
      previous.value <= last.value,
  );
  const turned = [...set.slice(Math.max(0, position)), ...set.slice(0, Math.max(0, position))];
  const [begun, ...others] = turned;
  if (begun === undefined) return;
  const start = position === -1 || previous === undefined ? begun.first.value : previous.value + 1n;
  yield* between(begun, start, begun.last.value);
  for (const range of others) yield* between(range, range.first.value, range.last.value);
  yield* between(begun, begun.first.value, start - 1n);
}
