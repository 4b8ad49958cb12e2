import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { decodeMessage, encodeMessage, type Message } from '../../dnswire/index.ts';
import type { Kernel, NamespacePath } from '../../kernel/index.ts';

/** Where a question goes, and from which namespace. */
export interface Route {
  readonly kernel: Kernel;
  readonly from: NamespacePath;
  readonly to: { readonly address: string; readonly port: number };
}

const TIMEOUT_MS = 8000;

function messageIn(bytes: Buffer): Message {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) throw new Error(`not a message: ${decoded.reason}`);
  return decoded.message;
}

/** Sends bytes over UDP and gives the bytes that come back. @throws after eight seconds of silence */
export async function sendUdp({ kernel, from, to }: Route, bytes: Uint8Array): Promise<Buffer> {
  const isV6 = to.address.includes(':');
  const socket = createSocket(isV6 ? 'udp6' : 'udp4');
  socket.bind({ fd: kernel.bindUdp(from, { address: isV6 ? '::' : '0.0.0.0', port: 0 }) });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer from ${to.address}`)), TIMEOUT_MS);
      socket.on('error', reject);
      socket.on('message', resolve);
      socket.send(bytes, to.port, to.address);
    });
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}

/** Asks over UDP. */
export async function askUdp(route: Route, query: Message): Promise<Message> {
  return messageIn(await sendUdp(route, encodeMessage(query)));
}

/** Opens a TCP connection from a namespace. */
export async function openTcp({ kernel, from, to }: Route): Promise<Socket> {
  const fd = kernel.openTcp(from, to.address.includes(':') ? 6 : 4);
  const socket = new Socket({ fd });
  socket.connect({ host: to.address, port: to.port });
  await once(socket, 'connect');
  return socket;
}

/** The message with its length before it, as TCP has it. */
export function framed(message: Message): Buffer {
  const bytes = encodeMessage(message);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads so many messages off a connection. */
export async function readMessages(socket: Socket, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      messages.push(messageIn(received.subarray(2, end)));
      received = received.subarray(end);
    }
    if (messages.length >= count) break;
  }
  return messages;
}

/** Asks over a TCP connection of its own. */
export async function askTcp(route: Route, query: Message): Promise<Message> {
  const socket = await openTcp(route);
  socket.write(framed(query));
  const [answer] = await readMessages(socket, 1);
  socket.destroy();
  if (answer === undefined) throw new Error('the connection ended without an answer');
  return answer;
}
