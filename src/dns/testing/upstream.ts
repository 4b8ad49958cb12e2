import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  decodeMessage,
  encodeMessage,
  rcodes,
  type Message,
  type ResourceRecord,
} from '../../dnswire/index.ts';

/** What the server says to a question; undefined means silence. */
export type Script = (
  name: string,
  type: number,
  protocol: 'udp' | 'tcp',
) => Partial<Message> | undefined;

/** A name server on the machine's loopback that answers as the test says, over UDP and TCP. */
export interface FakeUpstream {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly text: string;
  /** Questions so far, without probes: `udp a.example.`. */
  readonly asked: string[];
  close(): Promise<void>;
}

function responseTo(query: Message, part: Partial<Message>): Message {
  const empty: readonly ResourceRecord[] = [];
  return {
    ...query,
    answers: empty,
    authorities: empty,
    additionals: empty,
    isResponse: true,
    rcode: rcodes.NOERROR,
    ...part,
  };
}

export async function startUpstream(script: Script): Promise<FakeUpstream> {
  const asked: string[] = [];
  const answer = (bytes: Buffer, protocol: 'udp' | 'tcp'): Buffer | undefined => {
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) return undefined;
    const [question] = decoded.message.questions;
    if (question === undefined) return undefined;
    // Health probes and the search for loops are not what tests count.
    const isProbe = question.name === '.' || question.type === 13;
    if (!isProbe) asked.push(`${protocol} ${question.name}`);
    const part = isProbe ? {} : script(question.name, question.type, protocol);
    return part === undefined ? undefined : encodeMessage(responseTo(decoded.message, part));
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const bytes = answer(chunk.subarray(2), 'tcp');
      if (bytes === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      socket.write(Buffer.concat([length, bytes]));
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    const response = answer(bytes, 'udp');
    if (response !== undefined) udp.send(response, from.port, from.address);
  });
  await new Promise<void>((resolve) => {
    udp.bind(port, '127.0.0.1', resolve);
  });
  return {
    port,
    text: `127.0.0.1:${port}`,
    asked,
    async close() {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}
