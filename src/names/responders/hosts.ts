import { isWithin, rcodes, recordTypes } from '../../dnswire/index.ts';
import { formatAddress, parseAddress } from '../../ip/index.ts';
import type { HostsSettings } from '../config.ts';
import { addressOfReverseName } from '../kubernetes/reverse-name.ts';
import {
  addressRecord,
  addressType,
  answer,
  emptyReply,
  isAsked,
  nameRecord,
  replyOf,
} from '../reply.ts';
import type { Responder } from './responder.ts';

/** Addresses by name and names by address, as a hosts file has them. */
interface HostsTable {
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly names: ReadonlyMap<string, readonly string[]>;
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key) ?? [];
  if (!values.includes(value)) map.set(key, [...values, value]);
}

function tableOf({ entries, hasReverse }: HostsSettings): HostsTable {
  const addresses = new Map<string, string[]>();
  const names = new Map<string, string[]>();
  for (const entry of entries) {
    const parsed = parseAddress(entry.address);
    const address = parsed === undefined ? entry.address : formatAddress(parsed);
    for (const name of entry.names) {
      add(addresses, name, address);
      if (hasReverse) add(names, address, name);
    }
  }
  return { addresses, names };
}

/** Answers from entries of a hosts file. */
export function hostsResponder(settings: HostsSettings): Responder {
  const table = tableOf(settings);
  const { zones, ttl, fallthrough } = settings;
  return (query, chain) => {
    const { key, name, type } = query;
    const isPointer = type === recordTypes.PTR;
    if (!isPointer && !zones.some((zone) => isWithin(key, zone))) return chain.next(query);
    const step = { responder: 'hosts', name, reason: 'HOSTS' } as const;
    const pointed = table.names.get(addressOfReverseName(key) ?? '');
    if (pointed !== undefined && isAsked(recordTypes.PTR, type)) {
      const records = pointed.map((target) => nameRecord(name, recordTypes.PTR, { target, ttl }));
      return answer(replyOf(records), step);
    }
    // Addresses without an entry are always others' to name, and need no zone (CoreDNS's hosts plugin).
    if (isPointer) return chain.next(query);
    const addresses = table.addresses.get(key);
    const records = (addresses ?? [])
      .filter((address) => isAsked(addressType(address), type))
      .map((address) => addressRecord(name, address, ttl));
    if (records.length > 0) return answer(replyOf(records), step);
    if (addresses !== undefined) {
      const reply = { ...emptyReply(rcodes.NOERROR), isAuthoritative: true };
      return answer(reply, { ...step, reason: 'NO_SUCH_TYPE' });
    }
    if (fallthrough?.some((zone) => isWithin(key, zone)) === true) return chain.next(query);
    // A hosts file has no SOA for an NXDOMAIN; CoreDNS fails such questions, too.
    return answer(emptyReply(rcodes.SERVFAIL), { ...step, reason: 'NO_SUCH_NAME' });
  };
}
