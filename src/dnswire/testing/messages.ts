import { opcodes, rcodes, recordClasses, recordTypes } from '../constants.ts';
import { decodeMessage } from '../decode.ts';
import type { Message, ResourceRecord } from '../message.ts';

/** A query as a stub resolver sends it. */
export function queryOf(name: string, type: number = recordTypes.A, id = 1): Message {
  return {
    id,
    isResponse: false,
    opcode: opcodes.QUERY,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionDesired: true,
    isRecursionAvailable: false,
    isAuthentic: false,
    isCheckingDisabled: false,
    rcode: rcodes.NOERROR,
    questions: [{ name, type, class: recordClasses.IN }],
    answers: [],
    authorities: [],
    additionals: [],
  };
}

/** An A record. */
export function addressRecord(name: string, address: string, ttl = 30): ResourceRecord {
  const type = address.includes(':') ? recordTypes.AAAA : recordTypes.A;
  return { name, type, class: recordClasses.IN, ttl, data: { kind: 'address', address } };
}

/** The SOA record of `example.`, as it stands in a denial. */
export function authorityRecord(ttl: number, minimum = ttl): ResourceRecord {
  const data = {
    kind: 'authority',
    primary: 'ns.example.',
    mailbox: 'root.example.',
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum,
  } as const;
  return { name: 'example.', type: recordTypes.SOA, class: recordClasses.IN, ttl, data };
}

/** The message that bytes must be. */
export function decoded(bytes: Buffer): Message {
  const result = decodeMessage(bytes);
  if (result.ok) return result.message;
  throw new Error(`not a message: ${result.reason}`);
}
