import { createSocket } from 'node:dgram';
import { Fault } from '../../fault/index.ts';
import { decodeMessage, encodeMessage, type Message } from '../../dnswire/index.ts';
import { upstreamText, type UpstreamAddress } from './address.ts';

/** One question to one server. */
export interface Exchange {
  readonly to: UpstreamAddress;
  readonly query: Message;
  readonly timeoutMs: number;
}

/** The fault of a server that is silent. */
export function noAnswer({ to, timeoutMs }: Exchange): Fault {
  return new Fault({
    code: 'UPSTREAM_TIMEOUT',
    message: `the name server ${upstreamText(to)} did not answer within ${timeoutMs} ms`,
    advice: 'Look whether the machine is online and the upstream of the Corefile is right.',
  });
}

/** The answer in these bytes, if it is one to our question: anybody may send to our port. */
export function answerIn(bytes: Buffer, query: Message): Message | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return undefined;
  const { message } = decoded;
  const [asked] = query.questions;
  const [answered] = message.questions;
  const isOurs =
    message.isResponse &&
    message.id === query.id &&
    answered?.type === asked?.type &&
    answered?.name.toLowerCase() === asked?.name.toLowerCase();
  return isOurs ? message : undefined;
}

/** Asks over UDP, from a random port. @throws Fault `UPSTREAM_TIMEOUT`, or the socket's error. */
export async function exchangeUdp(exchange: Exchange): Promise<Message> {
  const { to, query, timeoutMs } = exchange;
  const socket = createSocket(to.address.includes(':') ? 'udp6' : 'udp4');
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Message>((resolve, reject) => {
      timer = setTimeout(() => reject(noAnswer(exchange)), timeoutMs);
      socket.on('error', reject);
      socket.on('message', (bytes) => {
        const answer = answerIn(bytes, query);
        if (answer !== undefined) resolve(answer);
      });
      // Connected: the kernel drops what others send and tells when nobody listens there.
      socket.connect(to.port, to.address, () => socket.send(encodeMessage(query)));
    });
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}
