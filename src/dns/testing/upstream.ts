import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  decodeMessage,
  encodeMessage,
  rcodes,
  recordTypes,
  type Message,
  type ResourceRecord,
} from '../../dnswire/index.ts';

/** What the server says to a question; undefined means silence. */
export type Script = (
  name: string,
  type: number,
  protocol: 'udp' | 'tcp',
) => Partial<Message> | undefined;

/** Serves over TLS instead of TCP. */
export interface UpstreamTls {
  readonly cert: string;
  readonly key: string;
  /** Clients must have a certificate that this one signed. */
  readonly clientCa?: string;
}

/** A name server on the machine's loopback that answers as the test says, over UDP and TCP. */
export interface FakeUpstream {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly text: string;
  /** Questions so far, without probes: `udp a.example.`. */
  readonly asked: string[];
  /** Probes of its health so far: `udp . rd`. */
  readonly probes: string[];
  /** Connections over TCP or TLS so far, those of probes included. */
  readonly connections: () => number;
  /** Closes those that are open. */
  hangUp(): void;
  /** Answers nothing from now on, probes neither, or everything again; connections end at the first question. */
  goDown(isDown: boolean): void;
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

export async function startUpstream(script: Script, tls?: UpstreamTls): Promise<FakeUpstream> {
  const asked: string[] = [];
  const probes: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let isDown = false;
  const answer = (bytes: Buffer, protocol: 'udp' | 'tcp'): Buffer | undefined => {
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) return undefined;
    const [question] = decoded.message.questions;
    if (question === undefined) return undefined;
    // Health probes and the search for loops are not what tests count.
    const isProbe = question.type === recordTypes.NS || question.type === recordTypes.HINFO;
    if (!isProbe) asked.push(`${protocol} ${question.name}`);
    if (question.type === recordTypes.NS) {
      const recursion = decoded.message.isRecursionDesired ? ' rd' : '';
      probes.push(`${protocol} ${question.name}${recursion}`);
    }
    const part = isProbe ? {} : script(question.name, question.type, protocol);
    return part === undefined ? undefined : encodeMessage(responseTo(decoded.message, part));
  };
  const serve = (socket: Socket): void => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      if (isDown) {
        socket.destroy();
        return;
      }
      const bytes = answer(chunk.subarray(2), 'tcp');
      if (bytes === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      socket.write(Buffer.concat([length, bytes]));
    });
  };
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const { clientCa: ca, ...own } = tls ?? { cert: '', key: '' };
  const client = ca === undefined ? {} : { ca, requestCert: true };
  const tcp =
    tls === undefined ? createServer(serve) : createTlsServer({ ...own, ...client }, serve);
  tcp.on('tlsClientError', () => undefined);
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    const response = isDown ? undefined : answer(bytes, 'udp');
    if (response !== undefined) udp.send(response, from.port, from.address);
  });
  await new Promise<void>((resolve) => {
    udp.bind(port, '127.0.0.1', resolve);
  });
  return {
    port,
    text: `127.0.0.1:${port}`,
    asked,
    probes,
    connections: () => connections,
    hangUp,
    goDown: (wanted) => {
      isDown = wanted;
    },
    async close() {
      udp.close();
      hangUp();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}
