import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { unmap, formatAddress, requireAddress } from '../../ip/index.ts';
import type { TestKernel } from '../../kernel/testing/test-kernel.ts';
import type { Host } from './world.ts';

/** Who answered, and which source address it saw. */
export interface Answer {
  readonly server: string;
  readonly source: string;
}

/** Servers that answer until they are closed. */
export interface Listening {
  close(): Promise<void>;
}

function plain(address: string | undefined): string {
  return formatAddress(unmap(requireAddress(address ?? '')));
}

/** Listens on TCP and UDP; every connection and datagram is answered with an {@link Answer}. */
export async function serve(test: TestKernel, host: Host, port: number): Promise<Listening> {
  const answer = (source: string | undefined): string =>
    JSON.stringify({ server: host.name, source: plain(source) } satisfies Answer);
  const server = createServer((socket) => socket.end(answer(socket.remoteAddress)));
  server.listen({ fd: test.kernel.listenTcp(host.path, { address: '::', port }) });
  await once(server, 'listening');
  const udp = createSocket('udp6');
  udp.on('message', (_, { address, port }) => udp.send(answer(address), port, address));
  udp.bind({ fd: test.kernel.bindUdp(host.path, { address: '::', port }) });
  return {
    async close() {
      udp.close();
      server.close();
      await once(server, 'close');
    },
  };
}

/** {@link serve} on each host and port. */
export async function serveAll(
  test: TestKernel,
  hosts: readonly Host[],
  ports: readonly number[],
): Promise<Listening> {
  const all = hosts.flatMap((host) => ports.map((port) => serve(test, host, port)));
  const servers = await Promise.all(all);
  return {
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** Opens a TCP connection from a host. The caller destroys it. */
export function dial(test: TestKernel, from: Host, to: { host: string; port: number }): Socket {
  const fd = test.kernel.openTcp(from.path, to.host.includes(':') ? 6 : 4);
  return new Socket({ fd }).connect(to);
}

/** Connects over TCP and returns the answer. @throws the connection's error, e.g. ECONNREFUSED. */
export async function ask(
  test: TestKernel,
  from: Host,
  to: { host: string; port: number },
): Promise<Answer> {
  const socket = dial(test, from, to);
  try {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return JSON.parse(chunk.toString()) as Answer;
  } finally {
    socket.destroy();
  }
}

/** Sends one datagram and returns the answer. */
export async function askUdp(
  test: TestKernel,
  from: Host,
  to: { host: string; port: number },
): Promise<Answer> {
  const isV6 = to.host.includes(':');
  const socket: DatagramSocket = createSocket(isV6 ? 'udp6' : 'udp4');
  socket.bind({
    fd: test.kernel.bindUdp(from.path, { address: isV6 ? '::' : '0.0.0.0', port: 0 }),
  });
  try {
    socket.send('?', to.port, to.host);
    const [message] = (await once(socket, 'message')) as [Buffer];
    return JSON.parse(message.toString()) as Answer;
  } finally {
    socket.close();
  }
}

/** Asks many times and tells who answered and from which sources. */
export async function survey(
  times: number,
  askOnce: () => Promise<Answer>,
): Promise<{ servers: string[]; sources: string[] }> {
  const answers: Answer[] = [];
  for (let index = 0; index < times; index += 1) answers.push(await askOnce());
  const distinct = (values: string[]): string[] => [...new Set(values)].sort();
  return {
    servers: distinct(answers.map(({ server }) => server)),
    sources: distinct(answers.map(({ source }) => source)),
  };
}

/** Listens on TCP for one connection, which stays open and silent. */
export async function hold(
  test: TestKernel,
  host: Host,
  port: number,
): Promise<{ readonly accepted: Promise<Socket>; close(): Promise<void> }> {
  const server = createServer();
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  server.listen({ fd: test.kernel.listenTcp(host.path, { address: '::', port }) });
  await once(server, 'listening');
  return {
    accepted,
    async close() {
      (await accepted).destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A UDP client that keeps its port, so that all it sends to one address is one flow. */
export class UdpClient {
  private readonly socket: DatagramSocket;

  constructor(test: TestKernel, from: Host, family: 4 | 6) {
    const address = family === 6 ? '::' : '0.0.0.0';
    this.socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    this.socket.bind({ fd: test.kernel.bindUdp(from.path, { address, port: 0 }) });
  }

  /** Sends one datagram and returns the answer. */
  async ask(to: { host: string; port: number }): Promise<Answer> {
    await this.tell(to);
    const [message] = (await once(this.socket, 'message')) as [Buffer];
    return JSON.parse(message.toString()) as Answer;
  }

  /** Sends one datagram that nobody answers. */
  async tell({ host, port }: { host: string; port: number }): Promise<void> {
    await new Promise((sent) => {
      this.socket.send('?', port, host, sent);
    });
  }

  async close(): Promise<void> {
    await once(this.socket.close(), 'close');
  }
}
