import { addressToBytes, requireAddress } from '../../ip/index.ts';

export const IPPROTO_TCP = 6;
export const IPPROTO_SCTP = 132;

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

/** The ports of a TCP, UDP or SCTP packet: all have them in the same place. */
export function portsOf(payload: Buffer): Ports {
  return { source: payload.readUInt16BE(0), destination: payload.readUInt16BE(2) };
}

const SCTP_HEADER = 12;
/** RFC 9260, 3.2: the types of chunks. */
export const sctpChunks = { init: 1, initAck: 2 } as const;

/** An SCTP packet with one INIT or INIT ACK chunk (RFC 9260, 3.3.2). An INIT has the verification tag 0. */
export function sctpPacket(
  ports: Ports,
  {
    chunk,
    verificationTag = 0,
    initiateTag,
  }: {
    readonly chunk: keyof typeof sctpChunks;
    readonly verificationTag?: number;
    readonly initiateTag: number;
  },
): Buffer {
  const packet = Buffer.alloc(SCTP_HEADER + 20);
  packet.writeUInt16BE(ports.source, 0);
  packet.writeUInt16BE(ports.destination, 2);
  packet.writeUInt32BE(verificationTag, 4);
  packet.writeUInt8(sctpChunks[chunk], SCTP_HEADER);
  packet.writeUInt16BE(20, SCTP_HEADER + 2);
  packet.writeUInt32BE(initiateTag, SCTP_HEADER + 4);
  packet.writeUInt32BE(65_536, SCTP_HEADER + 8);
  packet.writeUInt16BE(1, SCTP_HEADER + 12);
  packet.writeUInt16BE(1, SCTP_HEADER + 14);
  packet.writeUInt32LE(crc32c(packet), 8);
  return packet;
}

/** Whether the packet's checksum fits its content, ports included. */
export function isSctpIntact(packet: Buffer): boolean {
  const copy = Buffer.from(packet);
  copy.writeUInt32LE(0, 8);
  return crc32c(copy) === packet.readUInt32LE(8);
}

/** CRC32c, the checksum of SCTP (RFC 9260, appendix A). */
function crc32c(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc >>> 0;
}

export interface TcpSegment extends Ports {
  /** IPv4 addresses, for the checksum. */
  readonly from: string;
  readonly to: string;
  readonly sequence: number;
  readonly acknowledgement: number;
}

/** A TCP segment with the ACK flag and no data (RFC 9293, 3.1). */
export function tcpAcknowledgement(segment: TcpSegment): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16BE(segment.source, 0);
  bytes.writeUInt16BE(segment.destination, 2);
  bytes.writeUInt32BE(segment.sequence, 4);
  bytes.writeUInt32BE(segment.acknowledgement, 8);
  bytes.writeUInt8(5 << 4, 12);
  bytes.writeUInt8(0x10, 13);
  bytes.writeUInt16BE(1024, 14);
  const ends = [segment.from, segment.to].map((text) => addressToBytes(requireAddress(text)));
  const pseudo = Buffer.concat([...ends, Buffer.from([0, IPPROTO_TCP, 0, bytes.length]), bytes]);
  bytes.writeUInt16BE(onesComplement(pseudo), 16);
  return bytes;
}

/** A UDP datagram that an error is about. */
export interface Datagram extends Ports {
  /** IPv4 addresses. */
  readonly from: string;
  readonly to: string;
}

/** An ICMP message (RFC 792) that a datagram's port is closed: it quotes the datagram's IP and UDP headers. */
export function portUnreachable({ from, to, source, destination }: Datagram): Buffer {
  const ip = Buffer.alloc(20);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(28, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(17, 9);
  ip.set(addressToBytes(requireAddress(from)), 12);
  ip.set(addressToBytes(requireAddress(to)), 16);
  ip.writeUInt16BE(onesComplement(ip), 10);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(source, 0);
  udp.writeUInt16BE(destination, 2);
  udp.writeUInt16BE(8, 4);
  const message = Buffer.concat([Buffer.from([3, 3, 0, 0, 0, 0, 0, 0]), ip, udp]);
  message.writeUInt16BE(onesComplement(message), 2);
  return message;
}

/** The checksum of IP, TCP and UDP (RFC 1071). */
function onesComplement(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
