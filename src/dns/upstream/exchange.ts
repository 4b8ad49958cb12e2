import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { Fault } from '../../fault/index.ts';
import { decodeMessage, encodeMessage, type Message } from '../../dnswire/index.ts';
import { upstreamText, type UpstreamAddress } from './address.ts';

/** One question to one server. */
export interface Exchange {
  readonly to: UpstreamAddress;
  readonly query: Message;
  readonly timeoutMs: number;
}

function noAnswer({ to, timeoutMs }: Exchange): Fault {
  return new Fault({
    code: 'UPSTREAM_TIMEOUT',
    message: `the name server ${upstreamText(to)} did not answer within ${timeoutMs} ms`,
    advice: 'Look whether the machine is online and the upstream of the Corefile is right.',
  });
}

/** The answer in these bytes, if it is one to our question: anybody may send to our port. */
function answerIn(bytes: Buffer, query: Message): Message | undefined {
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
async function exchangeUdp(exchange: Exchange): Promise<Message> {
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

/** Asks over TCP (RFC 7766), one question a connection. @throws as {@link exchangeUdp}. */
async function exchangeTcp(exchange: Exchange): Promise<Message> {
  const { to, query, timeoutMs } = exchange;
  const socket = connect({ host: to.address, port: to.port });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Message>((resolve, reject) => {
      timer = setTimeout(() => reject(noAnswer(exchange)), timeoutMs);
      let received: Buffer = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('end', () => reject(noAnswer(exchange)));
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
        const answer = answerIn(received.subarray(2, 2 + received.readUInt16BE(0)), query);
        if (answer === undefined) reject(noAnswer(exchange));
        else resolve(answer);
      });
      const bytes = encodeMessage(query);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      socket.write(Buffer.concat([length, bytes]));
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** Asks over UDP, and over TCP what did not fit; or over TCP at once. Sockets are of the process's own namespace. */
export async function exchange(options: Exchange, forcesTcp = false): Promise<Message> {
  if (forcesTcp) return exchangeTcp(options);
  const answer = await exchangeUdp(options);
  return answer.isTruncated ? exchangeTcp(options) : answer;
}
