import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';
import { addressToBytes, requireAddress } from '../src/ip/index.ts';
import type { Kernel } from '../src/kernel/index.ts';
import { median } from './figure.ts';
import type { Route } from './throughput.ts';

const CONNECT_PORT = 5202;

/** Half of a listening socket's backlog: nobody accepts while the connects of one burst block this thread. */
const BURST = 200;
/** Milliseconds. */
const PATIENCE = 10_000;
const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 0o2_000_001;

const libc = koffi.load(null);
const openSocket = libc.func('int socket(int domain, int type, int protocol)');
const connect = libc.func('int connect(int fd, const uint8_t *address, uint32_t length)');
const close = libc.func('int close(int fd)');

/** A server that accepts and hangs up. */
export async function serveConnects(kernel: Kernel, pin: string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).destroy());
  server.listen({ fd: kernel.listenTcp(pin, { address: '0.0.0.0', port: CONNECT_PORT }) });
  await once(server, 'listening');
  return server;
}

function socketAddress(address: string): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt16LE(AF_INET, 0);
  buffer.writeUInt16BE(CONNECT_PORT, 2);
  buffer.set(addressToBytes(requireAddress(address)), 4);
  return buffer;
}

/** Microseconds of one blocking connect: from the call until the handshake is done. */
function connectOnce(to: Buffer): number {
  const fd = openSocket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
  const begin = process.hrtime.bigint();
  const result = connect(fd, to, to.length);
  const [end, errno] = [process.hrtime.bigint(), koffi.errno()];
  close(fd);
  if (result === 0) return Number(end - begin) / 1000;
  throw new Error(`connect failed: errno ${errno}`);
}

/** Waits until the address answers: a Service takes a moment to come to the kernel. */
export async function whenConnectable(kernel: Kernel, { from, address }: Route): Promise<void> {
  const to = socketAddress(address);
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      kernel.inNamespace(from, () => connectOnce(to));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(5);
  }
}

/**
 * The median connect of a burst in microseconds, by the blocking system call itself: an event loop on either side
 * would cost more than the network does, and hide it.
 */
export async function measureConnect(kernel: Kernel, { from, address }: Route): Promise<number> {
  const to = socketAddress(address);
  const times = kernel.inNamespace(from, () =>
    Array.from({ length: BURST }, () => connectOnce(to)),
  );
  // Lets the server take its connections from the backlog before the next burst.
  await sleep(10);
  return median(times);
}
