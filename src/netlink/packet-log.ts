import { attributeMap, AttributeWriter } from './attributes.ts';
import type { NetlinkMessage, NetlinkRequest } from './message.ts';
import { netfilterHeader, netfilterType, NFGENMSG_LENGTH, NFNL_SUBSYS_ULOG } from './netfilter.ts';
import { readText, readU32be, withHeader } from './reading.ts';
import { AF_UNSPEC } from './rtnetlink.ts';

/** NFULNL_ messages and NFULA_ attributes (include/uapi/linux/netfilter/nfnetlink_log.h). */
const NFULNL_MSG_PACKET = 0;
const NFULNL_MSG_CONFIG = 1;
const NFULNL_CFG_CMD_BIND = 1;
const NFULNL_COPY_PACKET = 2;
const CONFIG = { CMD: 1, MODE: 2, TIMEOUT: 4, QTHRESH: 5 } as const;
const PACKET = { HEADER: 1, MARK: 2, INPUT: 4, OUTPUT: 5, PAYLOAD: 9, PREFIX: 10 } as const;

/** In `struct nfulnl_msg_packet_hdr`, behind the protocol's two bytes. */
const HOOK_OFFSET = 2;

/** The type of the messages that a log group's packets arrive in. */
export const PACKET_LOG_MESSAGE = netfilterType(NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET);

/**
 * Subscribes the socket that sends it to a log group (`log group N` in nft): packets arrive at once, cut after
 * `copyBytes`. One socket of the namespace may hold a group: EPERM for a second.
 */
export function bindPacketLog(group: number, copyBytes: number): NetlinkRequest {
  const mode = Buffer.alloc(6);
  mode.writeUInt32BE(copyBytes, 0);
  mode.writeUInt8(NFULNL_COPY_PACKET, 4);
  const writer = new AttributeWriter(64);
  writer.raw(netfilterHeader(AF_UNSPEC, group));
  writer.u8(CONFIG.CMD, NFULNL_CFG_CMD_BIND);
  writer.bytes(CONFIG.MODE, mode);
  // Deliver each packet by itself; the kernel would else gather up to 100 for a second.
  writer.u32be(CONFIG.QTHRESH, 1);
  return {
    type: netfilterType(NFNL_SUBSYS_ULOG, NFULNL_MSG_CONFIG),
    flags: 0,
    body: writer.finish(),
    what: `subscribe to log group ${group}`,
  };
}

/** A packet that a log rule saw. */
export interface LoggedPacket {
  readonly group: number;
  /** Text of the rule's `prefix`. */
  readonly prefix: string;
  /** Netfilter hook: 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting. */
  readonly hook: number;
  readonly mark: number;
  /** Interface numbers; none where the hook has none. */
  readonly input?: number;
  readonly output?: number;
  /** From the IP header on, as much as was asked for. */
  readonly payload: Buffer;
}

/** Reads the body of a {@link PACKET_LOG_MESSAGE}. */
export function readLoggedPacket({ body }: Pick<NetlinkMessage, 'body'>): LoggedPacket {
  withHeader(body, NFGENMSG_LENGTH, 'a logged packet');
  const attributes = attributeMap(body.subarray(NFGENMSG_LENGTH));
  const number = (attribute: number) => readU32be(attributes, attribute);
  const [input, output] = [number(PACKET.INPUT), number(PACKET.OUTPUT)];
  return {
    group: body.readUInt16BE(2),
    prefix: readText(attributes, PACKET.PREFIX),
    hook: attributes.get(PACKET.HEADER)?.[HOOK_OFFSET] ?? 0,
    mark: number(PACKET.MARK) ?? 0,
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    payload: attributes.get(PACKET.PAYLOAD) ?? Buffer.alloc(0),
  };
}
