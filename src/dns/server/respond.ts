import {
  MAX_MESSAGE,
  MIN_UDP_SIZE,
  opcodes,
  rcodes,
  recordTypes,
  type Header,
  type Message,
  type ResourceRecord,
} from '../../dnswire/index.ts';
import type { NameReply } from '../../names/index.ts';
import { UDP_SIZE } from '../upstream/query.ts';
import type { Peer } from './peer.ts';

const none: readonly ResourceRecord[] = [];

/**
 * The bare answer to a message of which only the header can be read. Records of other operations may have another form than
 * a query's, as the empty data of UPDATE (RFC 2136 section 2.5): what is not implemented is not called malformed.
 */
export function errorResponse(header: Header): Message {
  const rcode = header.opcode === opcodes.QUERY ? rcodes.FORMERR : rcodes.NOTIMP;
  return {
    ...header,
    isResponse: true,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionAvailable: false,
    isAuthentic: false,
    rcode,
    questions: [],
    answers: none,
    authorities: none,
    additionals: none,
  };
}

/** The response to a query, with the query's question as it was written. */
export function responseTo(query: Message, reply: NameReply, isRecursive: boolean): Message {
  return {
    id: query.id,
    isResponse: true,
    opcode: query.opcode,
    isAuthoritative: reply.isAuthoritative,
    isTruncated: false,
    isRecursionDesired: query.isRecursionDesired,
    isRecursionAvailable: isRecursive,
    isAuthentic: false,
    isCheckingDisabled: query.isCheckingDisabled,
    rcode: reply.rcode,
    questions: query.questions,
    answers: reply.answers,
    authorities: reply.authorities,
    additionals: reply.additionals,
    // EDNS answers EDNS, and nothing else (RFC 6891 section 7).
    ...(query.edns === undefined
      ? {}
      : {
          edns: {
            udpSize: UDP_SIZE,
            version: 0,
            isDnssecOk: query.edns.isDnssecOk,
            options: [],
          },
        }),
  };
}

/** Bytes that the client takes: what it says, but nothing that would be cut into fragments on the way. */
export function limitOf(query: Message, { protocol }: Peer): number {
  if (protocol === 'tcp') return MAX_MESSAGE;
  const said = query.edns?.udpSize ?? MIN_UDP_SIZE;
  return Math.min(Math.max(said, MIN_UDP_SIZE), UDP_SIZE);
}

/** What is wrong with a query that nobody needs to judge, as a response code; undefined when nothing is. */
export function objectionTo({ opcode, questions, edns }: Message): number | undefined {
  if (opcode !== opcodes.QUERY) return rcodes.NOTIMP;
  if (questions.length !== 1) return rcodes.FORMERR;
  return edns !== undefined && edns.version > 0 ? rcodes.BADVERS : undefined;
}

function isAddress({ type }: ResourceRecord): boolean {
  return type === recordTypes.A || type === recordTypes.AAAA;
}

/** Whether there is an order to give another of. */
export function hasTurns(answers: readonly ResourceRecord[]): boolean {
  return answers.length > 1 && answers.filter(isAddress).length > 1;
}

/** Gives the addresses of an answer another order, `turn` places on; aliases stay before them. */
export function rotate(
  answers: readonly ResourceRecord[],
  turn: number,
): readonly ResourceRecord[] {
  if (!hasTurns(answers)) return answers;
  const addresses = answers.filter(isAddress);
  const first = turn % addresses.length;
  return [
    ...answers.filter((record) => !isAddress(record)),
    ...addresses.slice(first),
    ...addresses.slice(0, first),
  ];
}
