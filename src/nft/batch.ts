import {
  encodeMessage,
  NLM_F_ACK,
  NLMSG_ERROR,
  readAcknowledgement,
  readMessages,
  type NetlinkRequest,
  type NetlinkSocket,
} from '../netlink/index.ts';
import { encodeOperation, type OperationMessage } from './encode-operation.ts';
import { batchBegin, batchEnd } from './message.ts';
import type { Operation } from './operation.ts';
import { NftRefused, refusalOf, type Refusal } from './refusal.ts';

/** A transaction as one datagram, and which operation each of its messages belongs to. */
export interface EncodedBatch {
  readonly datagram: Buffer;
  /** By sequence number minus that of the first message after the begin marker. */
  readonly messages: readonly (OperationMessage & { readonly index: number })[];
}

/**
 * Encodes operations as one transaction: begin marker with sequence number `first`, the messages, end marker. Only
 * the last message asks for an acknowledgement: the kernel reports errors of all the others without being asked, in
 * order and before it (`nfnl_err_deliver` in net/netfilter/nfnetlink.c).
 */
export function encodeBatch(
  operations: readonly Operation[],
  options: { readonly first: number; readonly portId?: number; readonly generation?: number },
): EncodedBatch {
  const messages = operations.flatMap((operation, index) =>
    encodeOperation(operation, index + 1).map((message) => ({ ...message, index })),
  );
  const requests = [
    batchBegin(options.generation),
    ...messages.map(({ request }) => request),
    batchEnd(),
  ];
  const encode = (request: NetlinkRequest, position: number): Buffer =>
    encodeMessage(request, {
      sequence: options.first + position,
      portId: options.portId ?? 0,
      flags: position === messages.length ? NLM_F_ACK : 0,
    });
  return { datagram: Buffer.concat(requests.map(encode)), messages };
}

/**
 * Waits for the outcome of a batch that was sent.
 * @throws NftRefused with every refused message; then nothing of the batch was applied.
 */
export function awaitBatch(socket: NetlinkSocket, batch: EncodedBatch, first: number): void {
  const refusals: Refusal[] = [];
  for (;;) {
    for (const message of readMessages(socket.receive())) {
      const position = message.sequence - first;
      const isOurs = position >= 0 && position <= batch.messages.length;
      if (message.type !== NLMSG_ERROR || !isOurs) continue;
      const acknowledgement = readAcknowledgement(message);
      const cause = batch.messages[position - 1];
      if (acknowledgement.errno !== 0) {
        const command = cause?.describe(acknowledgement.offset) ?? 'commit';
        refusals.push(refusalOf(cause?.index ?? -1, command, acknowledgement));
      }
      // The begin marker is refused alone: no permission, a newer generation, or the commit itself failed.
      if (position > 0 && position < batch.messages.length) continue;
      if (refusals.length > 0) throw new NftRefused(refusals, batch.messages.length);
      return;
    }
  }
}
