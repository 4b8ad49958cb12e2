// A worker that connects from one pod to another all the time, and posts every change of whether that succeeds. It
// calls the kernel itself: no event loop is in what it measures.
import { parentPort, workerData } from 'node:worker_threads';
import koffi from 'koffi';
import { addressToBytes, requireAddress } from '../../src/ip/index.ts';
import { createKernel } from '../../src/kernel/index.ts';

/** What the worker is started with. */
export interface ReachOrder {
  /** Pins of the pods' network namespaces. */
  readonly from: string;
  readonly to: string;
  /** Of the pod at `to`. */
  readonly address: string;
  /** One Int32 that becomes 1 when the worker is to end. */
  readonly end: Int32Array<SharedArrayBuffer>;
}

/** Whether connections succeed from now on. */
export interface ReachChange {
  readonly isOpen: boolean;
  /** `process.hrtime` in nanoseconds: the start of the first that failed, or the end of the first that succeeded. */
  readonly at: bigint;
}

const PORT = 5203;
/** Milliseconds between connections. */
const PAUSE = 0.25;
/** Waits after which a connection that is not there yet has failed. Packets of the machine itself need none. */
const PATIENCE = 2;
/** Failures in a row that are no accident. */
const FAILURES = 3;
const SOCK_NONBLOCK_CLOEXEC = 0o2_004_000;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_LINGER = 13;
const POLLOUT = 4;
/** `struct linger`: on, for no time, so that no port stays in TIME_WAIT. */
const RESET_ON_CLOSE = Buffer.from(new Int32Array([1, 0]).buffer);

const libc = koffi.load(null);
const openSocket = libc.func('int socket(int domain, int type, int protocol)');
const connect = libc.func('int connect(int fd, const uint8_t *address, uint32_t length)');
const accept = libc.func('int accept4(int fd, void *address, void *length, int flags)');
const close = libc.func('int close(int fd)');
const poll = libc.func('int poll(uint8_t *fds, unsigned long count, int timeout)');
const setOption = libc.func(
  'int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)',
);

const order = workerData as ReachOrder;

function pause(): void {
  Atomics.wait(order.end, 0, 0, PAUSE);
}

function socketAddress(address: string): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt16LE(AF_INET, 0);
  buffer.writeUInt16BE(PORT, 2);
  buffer.set(addressToBytes(requireAddress(address)), 4);
  return buffer;
}

/** Whether a handshake is done, without waiting: `struct pollfd` answers POLLOUT alone. */
function isConnected(fd: number): boolean {
  const entry = Buffer.alloc(8);
  entry.writeInt32LE(fd, 0);
  entry.writeInt16LE(POLLOUT, 4);
  return poll(entry, 1, 0) === 1 && entry.readInt16LE(6) === POLLOUT;
}

function isConnectedSoon(fd: number): boolean {
  for (let waits = 0; waits < PATIENCE; waits += 1) {
    if (isConnected(fd)) return true;
    pause();
  }
  return isConnected(fd);
}

function closeWithReset(fd: number): void {
  setOption(fd, SOL_SOCKET, SO_LINGER, RESET_ON_CLOSE, RESET_ON_CLOSE.length);
  close(fd);
}

/** One connection there and back. */
function tryOnce(listener: number, to: Buffer): boolean {
  const fd = openSocket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK_CLOEXEC, 0);
  connect(fd, to, to.length);
  const isOpen = isConnectedSoon(fd);
  const accepted = isOpen ? accept(listener, null, null, SOCK_NONBLOCK_CLOEXEC) : -1;
  closeWithReset(fd);
  if (accepted >= 0) close(accepted);
  return isOpen;
}

/** Posts changes until told to end. */
function watch(listener: number, to: Buffer): void {
  let wasOpen: boolean | undefined;
  let failures = 0;
  let firstFailure = 0n;
  const post = (change: ReachChange): void => {
    wasOpen = change.isOpen;
    parentPort?.postMessage(change, []);
  };
  for (; Atomics.load(order.end, 0) === 0; pause()) {
    const begin = process.hrtime.bigint();
    const isOpen = tryOnce(listener, to);
    failures = isOpen ? 0 : failures + 1;
    if (failures === 1) firstFailure = begin;
    if (isOpen && wasOpen !== true) post({ isOpen, at: process.hrtime.bigint() });
    if (failures === FAILURES && wasOpen !== false) post({ isOpen, at: firstFailure });
  }
}

const kernel = createKernel();
const listener = kernel.listenTcp(order.to, { address: '0.0.0.0', port: PORT });
kernel.inNamespace(order.from, () => watch(listener, socketAddress(order.address)));
kernel.closeDescriptor(listener);
