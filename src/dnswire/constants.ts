/** Record types (IANA DNS parameters) that have a name here; any other is a number. */
export const recordTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DS: 43,
  DNAME: 39,
  OPT: 41,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  SVCB: 64,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

export const recordClasses = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

export const opcodes = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5 } as const;

/** Response codes; those above 15 need EDNS (RFC 6891 section 6.1.3). */
export const rcodes = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
} as const;

function namesOf(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, code]) => [code, name]));
}

const typeNames = namesOf(recordTypes);
const classNames = namesOf(recordClasses);
const rcodeNames = namesOf(rcodes);

/** `A`, or `TYPE1234` for a type without a name here (RFC 3597 section 5). */
export function typeName(type: number): string {
  return typeNames.get(type) ?? `TYPE${type}`;
}

/** The number of `A` or `TYPE1234`, or `undefined`. */
export function typeByName(name: string): number | undefined {
  const upper = name.toUpperCase();
  if (Object.hasOwn(recordTypes, upper)) return recordTypes[upper as keyof typeof recordTypes];
  const number = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  return number === undefined || Number(number) > 0xffff ? undefined : Number(number);
}

/** `IN`, or `CLASS1234`. */
export function className(code: number): string {
  return classNames.get(code) ?? `CLASS${code}`;
}

/** `NXDOMAIN`, or `RCODE1234`. */
export function rcodeName(rcode: number): string {
  return rcodeNames.get(rcode) ?? `RCODE${rcode}`;
}

/** The longest message over TCP: its length is 16 bits. */
export const MAX_MESSAGE = 0xffff;
/** What any client takes over UDP without EDNS (RFC 1035 section 4.2.1). */
export const MIN_UDP_SIZE = 512;
