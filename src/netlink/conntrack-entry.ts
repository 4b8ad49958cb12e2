import { addressFromBytes, type Address } from '../ip/index.ts';
import { attributeMap } from './attributes.ts';
import type { NetlinkMessage } from './message.ts';
import { NFGENMSG_LENGTH } from './netfilter.ts';
import { readU16be, readU32be, readU8, withHeader } from './reading.ts';

/** CTA_ attributes (include/uapi/linux/netfilter/nfnetlink_conntrack.h). */
export const CTA = {
  TUPLE_ORIG: 1,
  TUPLE_REPLY: 2,
  STATUS: 3,
  PROTOINFO: 4,
  TIMEOUT: 7,
  MARK: 8,
  ID: 12,
  ZONE: 18,
} as const;
const CTA_TUPLE_IP = 1;
export const CTA_TUPLE_PROTO = 2;
const CTA_IP = { V4_SRC: 1, V4_DST: 2, V6_SRC: 3, V6_DST: 4 } as const;
export const CTA_PROTO = { NUM: 1, SRC_PORT: 2, DST_PORT: 3 } as const;
const CTA_PROTOINFO_TCP = 1;
const CTA_PROTOINFO_TCP_STATE = 1;

/** Bits of a connection's status (`enum ip_conntrack_status`, nf_conntrack_common.h). */
export const IPS_SEEN_REPLY = 1 << 1;
export const IPS_ASSURED = 1 << 2;
export const IPS_SRC_NAT = 1 << 4;
export const IPS_DST_NAT = 1 << 5;

/** `enum tcp_conntrack` (nf_conntrack_tcp.h), in the order of its numbers. */
const TCP_STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const;
export type TcpState = (typeof TCP_STATES)[number];

/** One direction of a connection, as packets of that direction look. */
export interface ConntrackTuple {
  readonly source: Address;
  readonly destination: Address;
  /** IP protocol number: 6 TCP, 17 UDP, 1 ICMP. */
  readonly protocol: number;
  /** None for protocols without ports. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** A tracked connection. With destination NAT, the reply's source is the real backend. */
export interface ConntrackEntry {
  readonly original: ConntrackTuple;
  readonly reply: ConntrackTuple;
  /** 0 unless a rule chose one. */
  readonly zone: number;
  readonly mark: number;
  /** IPS_ bits. */
  readonly status: number;
  /** Seconds until it is forgotten; none in a destroy event. */
  readonly timeout?: number;
  readonly tcpState?: TcpState;
  /** What names the entry to the kernel, as the kernel sent it. */
  readonly key: ConntrackKey;
}

/** The attributes of a deletion: right for every protocol, whatever its tuples are made of. */
export interface ConntrackKey {
  readonly family: number;
  readonly originalTuple: Buffer;
  /** Tells a connection from a later one with the same tuple. */
  readonly id: Buffer | undefined;
}

/** Reads the body of a conntrack message or event; `undefined` when it is not about IP. */
export function readConntrack({ body }: Pick<NetlinkMessage, 'body'>): ConntrackEntry | undefined {
  withHeader(body, NFGENMSG_LENGTH, 'a tracked connection');
  const attributes = attributeMap(body.subarray(NFGENMSG_LENGTH));
  const originalTuple = attributes.get(CTA.TUPLE_ORIG);
  const original = readTuple(originalTuple);
  const reply = readTuple(attributes.get(CTA.TUPLE_REPLY));
  if (!originalTuple || !original || !reply) return undefined;
  const timeout = readU32be(attributes, CTA.TIMEOUT);
  const tcpState = readTcpState(attributes.get(CTA.PROTOINFO));
  return {
    original,
    reply,
    zone: readU16be(attributes, CTA.ZONE) ?? 0,
    mark: readU32be(attributes, CTA.MARK) ?? 0,
    status: readU32be(attributes, CTA.STATUS) ?? 0,
    ...(timeout !== undefined && { timeout }),
    ...(tcpState !== undefined && { tcpState }),
    key: { family: body.readUInt8(0), originalTuple, id: attributes.get(CTA.ID) },
  };
}

function readTuple(bytes: Buffer | undefined): ConntrackTuple | undefined {
  const parts = attributeMap(bytes ?? Buffer.alloc(0));
  const ip = attributeMap(parts.get(CTA_TUPLE_IP) ?? Buffer.alloc(0));
  const protocol = attributeMap(parts.get(CTA_TUPLE_PROTO) ?? Buffer.alloc(0));
  const source = ip.get(CTA_IP.V4_SRC) ?? ip.get(CTA_IP.V6_SRC);
  const destination = ip.get(CTA_IP.V4_DST) ?? ip.get(CTA_IP.V6_DST);
  if (!source || !destination) return undefined;
  const sourcePort = readU16be(protocol, CTA_PROTO.SRC_PORT);
  const destinationPort = readU16be(protocol, CTA_PROTO.DST_PORT);
  return {
    source: addressFromBytes(source),
    destination: addressFromBytes(destination),
    protocol: readU8(protocol, CTA_PROTO.NUM) ?? 0,
    ...(sourcePort !== undefined && { sourcePort }),
    ...(destinationPort !== undefined && { destinationPort }),
  };
}

function readTcpState(protocolInfo: Buffer | undefined): TcpState | undefined {
  const info = attributeMap(protocolInfo ?? Buffer.alloc(0)).get(CTA_PROTOINFO_TCP);
  const state = readU8(attributeMap(info ?? Buffer.alloc(0)), CTA_PROTOINFO_TCP_STATE);
  return state === undefined ? undefined : TCP_STATES[state];
}
