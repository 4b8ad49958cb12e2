import { Fault } from '../../fault/index.ts';
import {
  HEADER_LENGTH,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  readMessages,
  type NetlinkMessage,
} from '../message.ts';
import type { NetlinkSocket } from '../socket.ts';
import { AttributeWriter } from '../attributes.ts';

/** Answers one datagram of requests with the datagrams the kernel would send. */
export type Script = (requests: readonly NetlinkMessage[]) => readonly Buffer[];

/** A netlink socket without a kernel: records what is sent, and answers by a script. */
export class FakeNetlinkSocket implements NetlinkSocket {
  readonly portId = 4711;
  /** Every datagram sent, in order. */
  readonly sent: Buffer[] = [];
  isClosed = false;
  private readonly script: Script;
  private readonly waiting: Buffer[] = [];

  /** Acknowledges everything unless told otherwise. */
  constructor(script: Script = acknowledge()) {
    this.script = script;
  }

  /** Every message sent, in order. */
  get requests(): NetlinkMessage[] {
    return this.sent.flatMap(readMessages);
  }

  send(datagram: Uint8Array): void {
    const copy = Buffer.from(datagram);
    this.sent.push(copy);
    this.waiting.push(...this.script(readMessages(copy)));
  }

  receive(): Buffer {
    const next = this.waiting.shift();
    if (next !== undefined) return next;
    throw new Fault({
      code: 'NETLINK_TIMEOUT',
      message: 'the script of the fake socket has ended',
    });
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Each datagram is answered by the next script; the last one answers all that follow. */
export function inTurn(...scripts: readonly Script[]): Script {
  let turn = 0;
  return (requests) => {
    const script = scripts[Math.min(turn, scripts.length - 1)];
    turn += 1;
    return script?.(requests) ?? [];
  };
}

/** Success for each message. */
export function acknowledge(): Script {
  return (requests) => requests.map((request) => errorMessage(request, { errno: 0 }));
}

/** Failure for each message. */
export function refuse(
  errno: number,
  extended: { readonly message?: string; readonly offset?: number } = {},
): Script {
  return (requests) => requests.map((request) => errorMessage(request, { errno, ...extended }));
}

/** A dump: the messages in one datagram each, then its end. */
export function dumpOf(
  messages: readonly {
    readonly type: number;
    readonly body: Uint8Array;
    readonly flags?: number;
  }[],
): Script {
  return ([request]) => [
    ...messages.map(({ type, body, flags = 0 }) =>
      encodeReply(request, { type, body, flags: NLM_F_MULTI | flags }),
    ),
    encodeReply(request, { type: NLMSG_DONE, body: Buffer.alloc(4), flags: NLM_F_MULTI }),
  ];
}

/** One message from the kernel in answer to `request`. */
export function encodeReply(
  request: NetlinkMessage | undefined,
  reply: { readonly type: number; readonly body: Uint8Array; readonly flags?: number },
): Buffer {
  const message = Buffer.alloc((HEADER_LENGTH + reply.body.length + 3) & ~3);
  message.writeUInt32LE(HEADER_LENGTH + reply.body.length, 0);
  message.writeUInt16LE(reply.type, 4);
  message.writeUInt16LE(reply.flags ?? 0, 6);
  message.writeUInt32LE(request?.sequence ?? 0, 8);
  message.writeUInt32LE(request?.portId ?? 0, 12);
  message.set(reply.body, HEADER_LENGTH);
  return message;
}

function errorMessage(
  request: NetlinkMessage,
  answer: { readonly errno: number; readonly message?: string; readonly offset?: number },
): Buffer {
  const writer = new AttributeWriter();
  const fixed = Buffer.alloc(4 + HEADER_LENGTH);
  fixed.writeInt32LE(-answer.errno, 0);
  fixed.writeUInt32LE(HEADER_LENGTH + request.body.length, 4);
  writer.raw(fixed);
  if (answer.message !== undefined) writer.string(1, answer.message);
  if (answer.offset !== undefined) writer.u32(2, answer.offset);
  const flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
  return encodeReply(request, { type: NLMSG_ERROR, body: writer.finish(), flags });
}
