import { addressFromBytes, type Address } from '../../ip/index.ts';

/** What tells connections apart, read from a packet. */
export interface PacketHead {
  readonly source: Address;
  readonly destination: Address;
  /** IANA protocol number. */
  readonly protocol: number;
  /** 0 for protocols without ports. */
  readonly sourcePort: number;
  readonly port: number;
}

const TCP = 6;
const UDP = 17;
const SCTP = 132;
const withPorts: ReadonlySet<number> = new Set([TCP, UDP, SCTP]);

/** Extension headers of IPv6 that say their own length (RFC 8200, section 4): hop-by-hop, routing, destination. */
const extensions: ReadonlySet<number> = new Set([0, 43, 60]);
const FRAGMENT = 44;
const FRAGMENT_LENGTH = 8;
const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;

/** Reads the head of an IP packet, be it cut after it; `undefined` for what is none. */
export function readPacketHead(packet: Buffer): PacketHead | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= IPV4_LENGTH) return readIpv4(packet);
  return version === 6 && packet.length >= IPV6_LENGTH ? readIpv6(packet) : undefined;
}

/** RFC 791, section 3.1. */
function readIpv4(packet: Buffer): PacketHead {
  const protocol = packet.readUInt8(9);
  const isFirst = (packet.readUInt16BE(6) & 0x1fff) === 0;
  const payload = (packet.readUInt8(0) & 0xf) * 4;
  return {
    source: addressFromBytes(packet.subarray(12, 16)),
    destination: addressFromBytes(packet.subarray(16, 20)),
    protocol,
    ...ports(packet, protocol, isFirst ? payload : packet.length),
  };
}

function readIpv6(packet: Buffer): PacketHead {
  let protocol = packet.readUInt8(6);
  let at = IPV6_LENGTH;
  while ((extensions.has(protocol) || protocol === FRAGMENT) && at + 2 <= packet.length) {
    const length = protocol === FRAGMENT ? FRAGMENT_LENGTH : (packet.readUInt8(at + 1) + 1) * 8;
    protocol = packet.readUInt8(at);
    at += length;
  }
  return {
    source: addressFromBytes(packet.subarray(8, 24)),
    destination: addressFromBytes(packet.subarray(24, 40)),
    protocol,
    ...ports(packet, protocol, at),
  };
}

function ports(
  packet: Buffer,
  protocol: number,
  at: number,
): Pick<PacketHead, 'sourcePort' | 'port'> {
  if (!withPorts.has(protocol) || at + 4 > packet.length) return { sourcePort: 0, port: 0 };
  return { sourcePort: packet.readUInt16BE(at), port: packet.readUInt16BE(at + 2) };
}
