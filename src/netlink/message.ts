/** Length of `struct nlmsghdr` (include/uapi/linux/netlink.h): length, type, flags, sequence, port id. */
export const HEADER_LENGTH = 16;

/** Types below NLMSG_MIN_TYPE are control messages of every family. */
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

/** Flags of any message. */
export const NLM_F_REQUEST = 0x1;
export const NLM_F_MULTI = 0x2;
export const NLM_F_ACK = 0x4;
export const NLM_F_ECHO = 0x8;
export const NLM_F_DUMP_INTR = 0x10;

/** Flags of GET requests. */
export const NLM_F_DUMP = 0x300;

/** Flags of NEW requests. */
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

/** Flags of DEL requests. */
export const NLM_F_BULK = 0x200;

/** Flags of acknowledgements: the request is echoed without its body; attributes follow. */
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

/** One request to the kernel, before a connection gives it a sequence number. */
export interface NetlinkRequest {
  readonly type: number;
  /** Beyond NLM_F_REQUEST, which every request carries. */
  readonly flags: number;
  /** The family's fixed header and the attributes. */
  readonly body: Uint8Array;
  /** What is asked, for error messages: `add route 10.244.1.0/24 via 172.18.0.3`. */
  readonly what: string;
}

/** One message from the kernel. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly portId: number;
  /** A view of the datagram. */
  readonly body: Buffer;
}

/** What a connection adds to a request when it sends it. */
export interface Envelope {
  readonly sequence: number;
  readonly portId: number;
  /** Added to the request's own flags. */
  readonly flags?: number;
}

/** Puts the netlink header before a request's body. */
export function encodeMessage(request: NetlinkRequest, envelope: Envelope): Buffer {
  const length = HEADER_LENGTH + request.body.length;
  // Messages of a batch follow each other at multiples of NLMSG_ALIGNTO (4).
  const message = Buffer.alloc((length + 3) & ~3);
  message.writeUInt32LE(length, 0);
  message.writeUInt16LE(request.type, 4);
  message.writeUInt16LE(NLM_F_REQUEST | request.flags | (envelope.flags ?? 0), 6);
  message.writeUInt32LE(envelope.sequence, 8);
  message.writeUInt32LE(envelope.portId, 12);
  message.set(request.body, HEADER_LENGTH);
  return message;
}

/** Cuts a datagram into its messages; stops at the first malformed length instead of reading past it. */
export function readMessages(datagram: Uint8Array): NetlinkMessage[] {
  const buffer = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  const messages: NetlinkMessage[] = [];
  let at = 0;
  while (at + HEADER_LENGTH <= buffer.length) {
    const length = buffer.readUInt32LE(at);
    if (length < HEADER_LENGTH || at + length > buffer.length) break;
    messages.push({
      type: buffer.readUInt16LE(at + 4),
      flags: buffer.readUInt16LE(at + 6),
      sequence: buffer.readUInt32LE(at + 8),
      portId: buffer.readUInt32LE(at + 12),
      body: buffer.subarray(at + HEADER_LENGTH, at + length),
    });
    at += (length + 3) & ~3;
  }
  return messages;
}
