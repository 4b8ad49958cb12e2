/**
 * Names in messages are absolute and in presentation format: `web.default.svc.cluster.local.`, the root is `.`. Their
 * case is kept. A dot or backslash inside a label is `\.` or `\\`, a byte that is no visible ASCII is `\DDD`
 * (RFC 1035 section 5.1).
 */
export interface Question {
  readonly name: string;
  /** One of `recordTypes`, or any other number. */
  readonly type: number;
  readonly class: number;
}

/** A or AAAA; the text of an IPv4 or IPv6 address. */
export interface AddressData {
  readonly kind: 'address';
  readonly address: string;
}

/** NS, CNAME, PTR or DNAME. */
export interface NameData {
  readonly kind: 'name';
  readonly name: string;
}

/** MX. */
export interface MailData {
  readonly kind: 'mail';
  readonly preference: number;
  readonly exchange: string;
}

/** SRV (RFC 2782). */
export interface ServiceData {
  readonly kind: 'service';
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** TXT: strings of up to 255 bytes, each byte one character (latin1). */
export interface TextData {
  readonly kind: 'text';
  readonly texts: readonly string[];
}

/** SOA; times in seconds. `minimum` bounds how long a negative answer is kept (RFC 2308). */
export interface AuthorityData {
  readonly kind: 'authority';
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

/** Any other type, byte for byte (RFC 3597). */
export interface RawData {
  readonly kind: 'raw';
  readonly bytes: Uint8Array;
}

export type RecordData =
  | AddressData
  | NameData
  | MailData
  | ServiceData
  | TextData
  | AuthorityData
  | RawData;

export interface ResourceRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Seconds. */
  readonly ttl: number;
  readonly data: RecordData;
}

export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** What the OPT pseudo-record says (RFC 6891). */
export interface Edns {
  /** The largest UDP message the sender takes. */
  readonly udpSize: number;
  readonly version: number;
  /** DO: the sender wants DNSSEC records. */
  readonly isDnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

/** The first twelve bytes, without the counts. */
export interface Header {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  readonly isRecursionDesired: boolean;
  readonly isRecursionAvailable: boolean;
  readonly isAuthentic: boolean;
  readonly isCheckingDisabled: boolean;
  /** With the upper bits from EDNS: 0 to 4095. */
  readonly rcode: number;
}

export interface Message extends Header {
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without the OPT pseudo-record, which is {@link Message.edns}. */
  readonly additionals: readonly ResourceRecord[];
  readonly edns?: Edns;
}
