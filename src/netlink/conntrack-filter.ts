import { isSameAddress, type Address, type Family } from '../ip/index.ts';
import type { ConntrackEntry } from './conntrack-entry.ts';

/** Which connections are meant: all that is given must hold. Nothing given means every connection. */
export interface ConntrackFilter {
  readonly family?: Family;
  /** IP protocol number. */
  readonly protocol?: number;
  readonly originalSource?: Address;
  /** Where the client sent it: a Service's address. */
  readonly originalDestination?: Address;
  readonly originalDestinationPort?: number;
  /** Who answers: the endpoint behind a Service. */
  readonly replySource?: Address;
  readonly replySourcePort?: number;
  readonly zone?: number;
}

/** True when a connection has all that the filter gives. */
export function matchesConntrack(entry: ConntrackEntry, filter: ConntrackFilter): boolean {
  const { original, reply, zone } = entry;
  return (
    isWanted(filter.family, original.source.family) &&
    isWanted(filter.protocol, original.protocol) &&
    isWanted(filter.zone, zone) &&
    isWantedAddress(filter.originalSource, original.source) &&
    isWantedAddress(filter.originalDestination, original.destination) &&
    isWanted(filter.originalDestinationPort, original.destinationPort) &&
    isWantedAddress(filter.replySource, reply.source) &&
    isWanted(filter.replySourcePort, reply.sourcePort)
  );
}

function isWanted(wanted: number | undefined, found: number | undefined): boolean {
  return wanted === undefined || wanted === found;
}

function isWantedAddress(wanted: Address | undefined, found: Address): boolean {
  return wanted === undefined || isSameAddress(wanted, found);
}
