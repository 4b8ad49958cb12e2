import { rcodes, recordClasses, recordTypes, type ResourceRecord } from '../dnswire/index.ts';
import type { NameReply, NameStep, NameVerdict } from './contract.ts';

const none: readonly ResourceRecord[] = [];

/** A reply without records. */
export function emptyReply(rcode: number): NameReply {
  return { rcode, isAuthoritative: false, answers: none, authorities: none, additionals: none };
}

/** An authoritative reply with records. */
export function replyOf(
  answers: readonly ResourceRecord[],
  additionals: readonly ResourceRecord[] = none,
): NameReply {
  return { rcode: rcodes.NOERROR, isAuthoritative: true, answers, authorities: none, additionals };
}

/** An authoritative reply that there is nothing: NXDOMAIN, or NOERROR for a name without such records. */
export function denialOf(rcode: number, soa: ResourceRecord): NameReply {
  return { rcode, isAuthoritative: true, answers: none, authorities: [soa], additionals: none };
}

/** A verdict with an answer. */
export function answer(reply: NameReply, step: NameStep): NameVerdict {
  return { action: 'answer', reply, steps: [step] };
}

/** The verdict with a step before its own. */
export function after(step: NameStep, verdict: NameVerdict): NameVerdict {
  return { ...verdict, steps: [step, ...verdict.steps] };
}

/** An A or AAAA record. */
export function addressRecord(name: string, address: string, ttl: number): ResourceRecord {
  const type = address.includes(':') ? recordTypes.AAAA : recordTypes.A;
  return { name, type, class: recordClasses.IN, ttl, data: { kind: 'address', address } };
}

/** A CNAME, PTR or NS record. */
export function nameRecord(
  name: string,
  type: number,
  { target, ttl }: { readonly target: string; readonly ttl: number },
): ResourceRecord {
  return { name, type, class: recordClasses.IN, ttl, data: { kind: 'name', name: target } };
}

/** The type of an address's record. */
export function addressType(address: string): number {
  return address.includes(':') ? recordTypes.AAAA : recordTypes.A;
}

/** Whether records of `type` answer a question for `asked`. */
export function isAsked(type: number, asked: number): boolean {
  return asked === type || asked === recordTypes.ANY;
}
