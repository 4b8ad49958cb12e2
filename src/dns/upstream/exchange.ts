import { createSocket } from 'node:dgram';
import { Fault } from '../../fault/index.ts';
import {
  decodeMessage,
  encodeMessage,
  opcodes,
  rcodes,
  type Message,
} from '../../dnswire/index.ts';
import { upstreamText, type UpstreamAddress } from './address.ts';

/** One question to one server. */
export interface Exchange {
  readonly to: UpstreamAddress;
  readonly query: Message;
  /** How long its answer may take. */
  readonly timeoutMs: number;
}

/** The fault of a server that is silent. */
export function noAnswer({ to }: Exchange): Fault {
  return new Fault({
    code: 'UPSTREAM_TIMEOUT',
    message: `the name server ${upstreamText(to)} did not answer in time`,
    advice: 'Look whether the machine is online and the upstream of the Corefile is right.',
  });
}

/** Whether a response is about the question that was asked (RFC 5452 section 9.1). */
function isAboutQuestion({ questions, rcode }: Message, query: Message): boolean {
  const [asked] = query.questions;
  const [answered, ...more] = questions;
  // A server that cannot read a query cannot repeat its question; nothing can be poisoned with what it says.
  if (answered === undefined) return rcode === rcodes.FORMERR || rcode === rcodes.NOTIMP;
  return (
    more.length === 0 &&
    answered.type === asked?.type &&
    answered.class === asked.class &&
    answered.name.toLowerCase() === asked.name.toLowerCase()
  );
}

/** The answer in these bytes, if it is one to our question: anybody may send to our port. */
export function answerIn(bytes: Buffer, query: Message): Message | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return undefined;
  const { message } = decoded;
  const isOurs =
    message.isResponse &&
    message.id === query.id &&
    message.opcode === opcodes.QUERY &&
    isAboutQuestion(message, query);
  return isOurs ? message : undefined;
}

/** Asks over UDP, from a random port. @throws Fault `UPSTREAM_TIMEOUT`, or the socket's error. */
export async function exchangeUdp(exchange: Exchange): Promise<Message> {
  const { to, query, timeoutMs } = exchange;
  const bytes = encodeMessage(query);
  const socket = createSocket(to.address.includes(':') ? 'udp6' : 'udp4');
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Message>((resolve, reject) => {
      timer = setTimeout(() => reject(noAnswer(exchange)), timeoutMs);
      socket.on('error', reject);
      socket.on('message', (received) => {
        const answer = answerIn(received, query);
        if (answer !== undefined) resolve(answer);
      });
      // Connected: the kernel drops what others send and tells when nobody listens there.
      // A failure, e.g. that there is no route, comes to this function and to nobody else.
      socket.connect(to.port, to.address, (error?: Error) => {
        if (error instanceof Error) reject(error);
        else socket.send(bytes);
      });
    });
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}
