import { randomInt } from 'node:crypto';
import { opcodes, rcodes, recordClasses, type Message } from '../../dnswire/index.ts';

/** What we take over UDP (DNS flag day 2020: no fragments). */
export const UDP_SIZE = 1232;

/** A query, recursive unless told otherwise, with a random identifier. */
export function upstreamQuery(
  name: string,
  type: number,
  wants: {
    readonly isDnssecOk?: boolean;
    readonly isCheckingDisabled?: boolean;
    readonly isRecursive?: boolean;
  } = {},
): Message {
  const { isDnssecOk = false, isCheckingDisabled = false, isRecursive = true } = wants;
  return {
    id: randomInt(0x1_0000),
    isResponse: false,
    opcode: opcodes.QUERY,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionDesired: isRecursive,
    isRecursionAvailable: false,
    isAuthentic: false,
    isCheckingDisabled,
    rcode: rcodes.NOERROR,
    questions: [{ name, type, class: recordClasses.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: { udpSize: UDP_SIZE, version: 0, isDnssecOk, options: [] },
  };
}

/** The same question without EDNS, for servers older than it (RFC 6891 section 6.2.2), with an identifier of its own. */
export function withoutEdns(query: Message): Message {
  const { edns: _edns, ...plain } = query;
  return { ...plain, id: randomInt(0x1_0000) };
}
