import { Fault } from '../fault/index.ts';
import {
  encodeMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  readMessages,
  type NetlinkMessage,
  type NetlinkRequest,
} from './message.ts';
import { NetlinkError, readAcknowledgement, readDone } from './netlink-error.ts';
import type { NetlinkSocket } from './socket.ts';

/**
 * A dump is interrupted when what it lists changed under way (NLM_F_DUMP_INTR); on a busy machine that may happen
 * a few times in a row, hardly ever more.
 */
const DUMP_ATTEMPTS = 20;

/** Requests and their answers over one netlink socket, one at a time. */
export class Connection {
  readonly socket: NetlinkSocket;
  private sequence = 0;

  constructor(socket: NetlinkSocket) {
    this.socket = socket;
  }

  /**
   * Sends a request and waits for its acknowledgement. Returns the messages before it: the object of a GET.
   * @throws NetlinkError when the kernel refuses.
   */
  request(request: NetlinkRequest): NetlinkMessage[] {
    const sequence = this.send(request, NLM_F_ACK);
    const replies: NetlinkMessage[] = [];
    for (;;) {
      for (const message of this.receive(sequence)) {
        if (message.type === NLMSG_ERROR) {
          const acknowledgement = readAcknowledgement(message);
          if (acknowledgement.errno === 0) return replies;
          throw new NetlinkError(request.what, acknowledgement);
        }
        replies.push(message);
      }
    }
  }

  /**
   * Lists what the request asks for; a list that changed while it was read is read again.
   * @throws NetlinkError when the kernel refuses, Fault `NETLINK_DUMP_INTERRUPTED` when it never settles.
   */
  dump(request: NetlinkRequest): NetlinkMessage[] {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt += 1) {
      const messages = this.dumpOnce(request);
      if (messages !== undefined) return messages;
    }
    throw new Fault({
      code: 'NETLINK_DUMP_INTERRUPTED',
      message: `cannot ${request.what}: it changed during each of ${DUMP_ATTEMPTS} attempts to read it`,
      advice: 'Try again when the machine is less busy.',
    });
  }

  /** The dump, or `undefined` when it was interrupted. */
  private dumpOnce(request: NetlinkRequest): NetlinkMessage[] | undefined {
    const sequence = this.send(request, NLM_F_DUMP);
    const replies: NetlinkMessage[] = [];
    let interrupted = false;
    for (;;) {
      for (const message of this.receive(sequence)) {
        if ((message.flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
        if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
          const end =
            message.type === NLMSG_DONE ? readDone(message) : readAcknowledgement(message);
          if (end.errno !== 0) throw new NetlinkError(request.what, end);
          return interrupted ? undefined : replies;
        }
        replies.push(message);
      }
    }
  }

  close(): void {
    this.socket.close();
  }

  private send(request: NetlinkRequest, flags: number): number {
    this.sequence = (this.sequence + 1) >>> 0;
    const { sequence } = this;
    this.socket.send(encodeMessage(request, { sequence, portId: this.socket.portId, flags }));
    return sequence;
  }

  /** The next datagram's messages; what is left of an earlier request that failed half-way is dropped. */
  private receive(sequence: number): NetlinkMessage[] {
    return readMessages(this.socket.receive()).filter(
      (message) => message.sequence === sequence && message.type !== NLMSG_NOOP,
    );
  }
}
