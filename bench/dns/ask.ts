import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  decodeMessage,
  encodeMessage,
  rcodeName,
  recordText,
  typeByName,
} from '../../src/dnswire/index.ts';
import type { Kernel } from '../../src/kernel/index.ts';

/** Milliseconds that an answer may take. */
const TIMEOUT = 500;

/** A question as bytes; `line` as dnsperf reads it. */
function queryOf(line: string): Buffer {
  const [name = '', type = ''] = line.split(' ');
  return encodeMessage({
    id: 1,
    isResponse: false,
    opcode: 0,
    isAuthoritative: false,
    isTruncated: false,
    isRecursionDesired: true,
    isRecursionAvailable: false,
    isAuthentic: false,
    isCheckingDisabled: false,
    rcode: 0,
    questions: [{ name, type: typeByName(type) ?? 0, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
  });
}

/** Asks one question and gives the answer as text: the code and the sorted records. @throws when none comes in time */
export async function ask(
  kernel: Kernel,
  { from, address }: { readonly from: string; readonly address: string },
  line: string,
): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ fd: kernel.bindUdp(from, { address: '0.0.0.0', port: 0 }) });
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(TIMEOUT) });
    socket.send(queryOf(line), 53, address);
    const [bytes] = (await answered) as [Buffer];
    const decoded = decodeMessage(bytes);
    if (!decoded.ok)
      throw new Error(`${address} answers with what is no message: ${decoded.reason}`);
    const { rcode, answers } = decoded.message;
    return [rcodeName(rcode), ...answers.map(recordText).toSorted()].join('\n');
  } finally {
    socket.close();
  }
}
