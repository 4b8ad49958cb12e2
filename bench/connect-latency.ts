import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import koffi from 'koffi';
import { addressToBytes, requireAddress } from '../src/ip/index.ts';
import type { Kernel } from '../src/kernel/index.ts';
import { median } from './figure.ts';
import type { Route } from './throughput.ts';

const CONNECT_PORT = 5202;
/** Less than half of a listening socket's backlog: the server may be late in accepting. */
const BURST = 200;
/** Milliseconds in which the server takes what is left of a burst from its backlog. */
const PAUSE = 10;
/** Milliseconds until an address has to answer. */
const PATIENCE = 10_000;
const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 0o2_000_001;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
/** `struct linger`: on, for no time. Thousands of ports in TIME_WAIT would make every further connect search. */
const RESET_ON_CLOSE = Buffer.from(new Int32Array([1, 0]).buffer);

const libc = koffi.load(null);
const openSocket = libc.func('int socket(int domain, int type, int protocol)');
const connect = libc.func('int connect(int fd, const uint8_t *address, uint32_t length)');
const close = libc.func('int close(int fd)');
const setOption = libc.func(
  'int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)',
);

/** Starts a server that accepts; resolves with its end. */
export async function serveConnects(kernel: Kernel, pin: string): Promise<() => Promise<void>> {
  const fd = kernel.listenTcp(pin, { address: '0.0.0.0', port: CONNECT_PORT });
  const worker = new Worker(new URL('connect-server.ts', import.meta.url), { workerData: fd });
  await once(worker, 'message');
  return async () => void (await worker.terminate());
}

/** Microseconds from `socket.connect()` to the event, as a Node program in the namespace has them. */
async function connectOnce(kernel: Kernel, { from, address, ports }: Route): Promise<number> {
  const socket = new Socket({ fd: kernel.openTcp(from, 4) });
  const begin = process.hrtime.bigint();
  socket.connect(ports?.connect ?? CONNECT_PORT, address);
  await once(socket, 'connect');
  const end = process.hrtime.bigint();
  socket.resetAndDestroy();
  return Number(end - begin) / 1000;
}

/** The median of a burst of connects one after the other, in microseconds. */
export async function measureConnect(kernel: Kernel, route: Route): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < BURST; count += 1) times.push(await connectOnce(kernel, route));
  return median(times);
}

function socketAddress({ address, ports }: Route): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt16LE(AF_INET, 0);
  buffer.writeUInt16BE(ports?.connect ?? CONNECT_PORT, 2);
  buffer.set(addressToBytes(requireAddress(address)), 4);
  return buffer;
}

/** Microseconds of one blocking connect(2): from the call until the handshake is done. */
function callConnect(to: Buffer): number {
  const fd = openSocket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
  const begin = process.hrtime.bigint();
  const result = connect(fd, to, to.length);
  const [end, errno] = [process.hrtime.bigint(), koffi.errno()];
  setOption(fd, SOL_SOCKET, SO_LINGER, RESET_ON_CLOSE, RESET_ON_CLOSE.length);
  close(fd);
  if (result === 0) return Number(end - begin) / 1000;
  throw new Error(`connect failed: errno ${errno}`);
}

/**
 * The median of a burst of connect(2) calls in microseconds: what the kernel alone takes. The three packets of a
 * handshake are carried to the other end and back within the call, so no scheduler is in it.
 */
export async function measureConnectCall(kernel: Kernel, route: Route): Promise<number> {
  const to = socketAddress(route);
  const times = kernel.inNamespace(route.from, () =>
    Array.from({ length: BURST }, () => callConnect(to)),
  );
  await sleep(PAUSE);
  return median(times);
}

/** Waits until the address answers: a Service takes a moment to come to the kernel. */
export async function whenConnectable(kernel: Kernel, route: Route): Promise<void> {
  const to = socketAddress(route);
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      kernel.inNamespace(route.from, () => callConnect(to));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(5);
  }
}
