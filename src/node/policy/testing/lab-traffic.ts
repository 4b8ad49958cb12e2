import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once, type EventEmitter } from 'node:events';
import { createServer, Socket } from 'node:net';
import { formatAddress, type Address } from '../../../ip/index.ts';
import {
  quickRaw,
  quickReceiver,
  quickTcp,
  quickTcpServer,
  quickUdp,
  quickUdpServer,
  type QuickAttempt,
  type QuickServer,
} from '../../../kernel/testing/quick-sockets.ts';
import type { Kernel } from '../../../kernel/index.ts';

/** Whoever can open a connection: a pod, a node, or the world outside. */
export interface LabHost {
  readonly name: string;
  readonly netns: string;
  /** IPv4, then IPv6. */
  readonly addresses: readonly Address[];
}

export interface LabAttempt {
  readonly from: LabHost;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  /** Length of a datagram; one byte unless given. */
  readonly bytes?: number;
}

/** A packet from its transport header on. */
export interface RawPacket {
  readonly protocol: number;
  readonly bytes: Uint8Array;
}

/** A connection that stays open. */
export interface Talk {
  /** Says something; true when it comes back. */
  isHeard(): Promise<boolean>;
  close(): void;
}

/** The ports on which everybody answers. */
const TCP_PORTS = [80, 81, 8080] as const;
const UDP_PORTS = [53, 5353] as const;
/** Where {@link LabTraffic.talk} has its own server. */
const ECHO_PORT = 7;
const LIMIT_MS = 5000;

export interface LabTrafficOptions {
  readonly kernel: Kernel;
  /** Puts in force what was changed. */
  readonly settle: () => void;
  /** Packets that policies dropped so far. */
  readonly drops: () => number;
}

/** Real packets between hosts. */
export class LabTraffic {
  private readonly options: LabTrafficOptions;
  private readonly servers: QuickServer[] = [];

  constructor(options: LabTrafficOptions) {
    this.options = options;
  }

  /** Answers in a namespace from now on. */
  serve(netns: string): void {
    const { kernel } = this.options;
    this.servers.push(
      ...TCP_PORTS.map((port) => quickTcpServer(kernel, netns, port)),
      ...UDP_PORTS.map((port) => quickUdpServer(kernel, netns, port)),
    );
  }

  /**
   * Tries real connections, all at once. True for each that was answered, false for each that was dropped: the others
   * have to be as many as the kernels have dropped meanwhile.
   */
  async survey(attempts: readonly LabAttempt[]): Promise<boolean[]> {
    const { kernel, settle, drops } = this.options;
    settle();
    const before = drops();
    const open = new Map<LabAttempt, QuickAttempt>();
    for (const [from, own] of Map.groupBy(attempts, (attempt) => attempt.from)) {
      kernel.inNamespace(from.netns, () => {
        for (const attempt of own) open.set(attempt, begin(attempt));
      });
    }
    try {
      await this.untilDecided([...open.values()], before);
      return attempts.map((attempt) => open.get(attempt)?.isAnswered() ?? false);
    } finally {
      for (const attempt of open.values()) attempt.close();
      this.answer();
    }
  }

  /** One connection, by default to port 80 over TCP and IPv4. */
  async reaches(
    from: LabHost,
    to: LabHost | string,
    options: Partial<LabAttempt> & { readonly family?: 4 | 6 } = {},
  ): Promise<boolean> {
    const { family = 4, ...rest } = options;
    const address = addressOf(to, family);
    const [result] = await this.survey([{ port: 80, protocol: 'TCP', ...rest, from, address }]);
    return result ?? false;
  }

  /** One packet that arrives at a host, which need not answer. */
  async arrives(
    from: LabHost,
    to: LabHost,
    packet: RawPacket,
    family: 4 | 6 = 4,
  ): Promise<boolean> {
    const { kernel, settle, drops } = this.options;
    settle();
    const address = addressOf(to, family);
    const before = drops();
    const receiver = kernel.inNamespace(to.netns, () => quickReceiver(address, packet.protocol));
    const attempt = kernel.inNamespace(from.netns, () => quickRaw(address, packet, receiver));
    try {
      await this.untilDecided([attempt], before);
      return attempt.isAnswered();
    } finally {
      attempt.close();
      receiver.close();
    }
  }

  /** Opens a connection that stays open, over IPv4. */
  talk(from: LabHost, to: LabHost, protocol: 'TCP' | 'UDP'): Promise<Talk> {
    this.options.settle();
    return protocol === 'TCP' ? this.talkTcp(from, to) : this.talkUdp(from, to);
  }

  private async talkTcp(from: LabHost, to: LabHost): Promise<Talk> {
    const { kernel } = this.options;
    const server = createServer((socket) => socket.pipe(socket));
    server.listen({ fd: kernel.listenTcp(to.netns, { address: '::', port: ECHO_PORT }) });
    await once(server, 'listening');
    const client = new Socket({ fd: kernel.openTcp(from.netns, 4) });
    client.connect(ECHO_PORT, addressOf(to, 4));
    await once(client, 'connect');
    return {
      isHeard: () => hears(client, 'data', () => client.write('?')),
      close() {
        client.destroy();
        server.close();
      },
    };
  }

  private async talkUdp(from: LabHost, to: LabHost): Promise<Talk> {
    const { kernel } = this.options;
    const server = createSocket('udp6');
    server.on('message', (message, { address, port }) => server.send(message, port, address));
    const fd = kernel.bindUdp(to.netns, { address: '::', port: ECHO_PORT });
    await new Promise<void>((bound) => server.bind({ fd }, bound));
    const client = createSocket('udp4');
    const own = kernel.bindUdp(from.netns, { address: '0.0.0.0', port: 0 });
    await new Promise<void>((bound) => client.bind({ fd: own }, bound));
    return {
      isHeard: () => hears(client, 'message', () => client.send('?', ECHO_PORT, addressOf(to, 4))),
      close() {
        client.close();
        server.close();
      },
    };
  }

  private async untilDecided(open: readonly QuickAttempt[], before: number): Promise<void> {
    const deadline = Date.now() + LIMIT_MS;
    let waiting = open;
    for (;;) {
      this.answer();
      waiting = waiting.filter((attempt) => !attempt.isAnswered());
      if (waiting.length === 0 || this.options.drops() - before >= waiting.length) return;
      assert.ok(Date.now() < deadline, `${waiting.length} connections got lost`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private answer(): void {
    for (const server of this.servers) server.answer();
  }

  close(): void {
    for (const server of this.servers) server.close();
  }
}

function begin(attempt: LabAttempt): QuickAttempt {
  return attempt.protocol === 'TCP' ? quickTcp(attempt) : quickUdp(attempt, attempt.bytes);
}

async function hears(socket: EventEmitter, event: string, say: () => unknown): Promise<boolean> {
  const heard = once(socket, event, { signal: AbortSignal.timeout(LIMIT_MS) });
  say();
  return heard.then(
    () => true,
    () => false,
  );
}

/** The address of a host in a family; an address is itself. */
function addressOf(host: LabHost | string, family: 4 | 6): string {
  if (typeof host === 'string') return host;
  const found = host.addresses.find((address) => address.family === family);
  assert.ok(found, `${host.name} has no address of IPv${family}`);
  return formatAddress(found);
}
