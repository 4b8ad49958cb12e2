import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../fault/index.ts';
import { KernelError, type Kernel } from '../../kernel/index.ts';
import type { StandInIdentity, StandInPort } from '../runtime.ts';
import type { Pages } from './pages.ts';
import { sniff } from './protocol.ts';

export interface ListenOptions {
  readonly kernel: Kernel;
  /** Path of the pod's network namespace. */
  readonly namespace: string;
  readonly identity: StandInIdentity;
  readonly pages: Pages;
  readonly log: (text: string) => void;
}

/** An open port of a stand-in. */
export interface Listener {
  readonly port: StandInPort;
  /** Resolves when no connection is open, or after `limitMs`; goes on answering meanwhile. */
  idle(limitMs: number): Promise<void>;
  /** Closes it, with its connections. */
  close(): void;
}

/** How long a handshake that was under way when the endpoint went may take to arrive. */
const LATE_HANDSHAKE_MS = 50;

/**
 * Opens one port in the pod's namespace, for both address families.
 * @throws Fault `CONTAINER_CANNOT_RUN` when another container of the pod has it.
 */
export async function listen(options: ListenOptions, port: StandInPort): Promise<Listener> {
  const socket = openInPod(options, port);
  return port.protocol === 'TCP'
    ? await serveTcp(options, port, socket)
    : await serveUdp(options, port, socket);
}

interface OpenSocket {
  readonly descriptor: number;
  readonly family: 4 | 6;
}

function openInPod({ kernel, namespace, identity }: ListenOptions, port: StandInPort): OpenSocket {
  const open = (address: string): number => {
    const at = { address, port: port.port };
    return port.protocol === 'TCP'
      ? kernel.listenTcp(namespace, at)
      : kernel.bindUdp(namespace, at);
  };
  try {
    try {
      return { descriptor: open('::'), family: 6 };
    } catch (error) {
      // The machine has no IPv6, or the pod's namespace has it switched off.
      if (!isErrno(error, 'EAFNOSUPPORT', 'EADDRNOTAVAIL')) throw error;
      return { descriptor: open('0.0.0.0'), family: 4 };
    }
  } catch (error) {
    throw isErrno(error, 'EADDRINUSE') ? portTaken(identity, port, error) : error;
  }
}

const isErrno = (error: unknown, ...names: string[]): boolean =>
  error instanceof KernelError && names.includes(error.errnoName);

function portTaken(identity: StandInIdentity, port: StandInPort, cause: unknown): Fault {
  const { namespace, pod, container, image } = identity;
  return new Fault({
    code: 'CONTAINER_CANNOT_RUN',
    message: `stand-in for ${image}: port ${port.port}/${port.protocol} of container ${container} is already in use in pod ${namespace}/${pod}`,
    advice: 'Give the containers of the pod different ports: they share one network namespace.',
    cause,
  });
}

async function serveTcp(
  options: ListenOptions,
  port: StandInPort,
  { descriptor }: OpenSocket,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const emptied = new EventEmitter();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) emptied.emit('empty');
    });
    // A client that resets its connection is its own business.
    socket.on('error', () => socket.destroy());
    answer(options, port, socket);
  });
  server.listen({ fd: descriptor });
  await once(server, 'listening');
  return {
    port,
    idle: async (limitMs) => {
      await delay(Math.min(LATE_HANDSHAKE_MS, limitMs));
      if (sockets.size === 0 || limitMs <= LATE_HANDSHAKE_MS) return;
      const over = AbortSignal.timeout(limitMs - LATE_HANDSHAKE_MS);
      await once(emptied, 'empty', { signal: over }).catch(() => undefined);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Collects first bytes until they decide: HTTP gets the page, anything else its own bytes back. */
function answer(options: ListenOptions, { port }: StandInPort, socket: Socket): void {
  const { identity, pages, log } = options;
  let seen = Buffer.alloc(0);
  const decide = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    const protocol = sniff(seen);
    if (protocol === 'undecided') return;
    socket.off('data', decide).off('end', giveUp);
    socket.pause();
    if (protocol === 'other') {
      echo(socket, seen);
      return;
    }
    socket.unshift(seen);
    pages.serve(socket, protocol, { identity, port, log });
    // The HTTP/1 parser wants to be fed, an HTTP/2 session takes what was read by itself.
    if (protocol === 'http1') socket.resume();
  };
  const giveUp = (): void => {
    socket.off('data', decide);
    socket.end(seen);
  };
  socket.on('data', decide).on('end', giveUp);
}

function echo(socket: Socket, first: Buffer): void {
  socket.write(first);
  socket.pipe(socket);
}

async function serveUdp(
  options: ListenOptions,
  port: StandInPort,
  { descriptor, family }: OpenSocket,
): Promise<Listener> {
  const socket: UdpSocket = createSocket(family === 6 ? 'udp6' : 'udp4');
  socket.on('message', (message, { address, port: remote }) => {
    socket.send(message, remote, address, (error) => {
      if (error !== null)
        options.log(`${address} -> ${port.port}/UDP echo failed: ${error.message}`);
    });
    options.log(`${address} -> ${port.port}/UDP ${message.length} bytes echoed`);
  });
  socket.on('error', (error) => options.log(`${port.port}/UDP ${error.message}`));
  // Binding to a descriptor emits at once.
  const listening = once(socket, 'listening');
  socket.bind({ fd: descriptor });
  await listening;
  return { port, idle: async () => {}, close: () => socket.close() };
}
