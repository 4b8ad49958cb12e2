import { readSync } from 'node:fs';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { errnoName } from '../../netlink/index.ts';
import { KernelError } from '../kernel-error.ts';
import { lastErrno, libc } from '../libc.ts';
import { receiveNow } from '../receive.ts';
import type { Command, Report, WorkerStart } from './protocol.ts';

/**
 * The event worker: waits for any of its sockets or for a wake-up, without a time-out. Its own event loop never
 * runs, so commands are taken from the port by hand after each wake-up.
 */

/** `struct pollfd`: descriptor, wanted events, events that are there. */
const POLLFD_LENGTH = 8;
const POLLIN = 1;
const FOREVER = -1;
/** Datagrams of one report: enough to spare the main thread, few enough to let other sockets have their turn. */
const DATAGRAMS_A_REPORT = 64;

const { wakeFd, stop } = workerData as WorkerStart;
const stopping = new Int32Array(stop);
const sockets = new Map<number, number>();

function run(): void {
  while (Atomics.load(stopping, 0) === 0) {
    const ready = waitForEvents([wakeFd, ...sockets.values()]);
    if (ready.has(wakeFd)) {
      clearWakeUp();
      obey();
    }
    for (const [id, fd] of sockets) if (ready.has(fd)) report(id, fd);
  }
  // Sockets that were handed over too late are this thread's to close, too.
  obey();
  for (const fd of sockets.values()) libc.close(fd);
}

/** Blocks; the descriptors that have something, be it an error. */
function waitForEvents(fds: readonly number[]): Set<number> {
  const polled = Buffer.alloc(fds.length * POLLFD_LENGTH);
  for (const [index, fd] of fds.entries()) {
    polled.writeInt32LE(fd, index * POLLFD_LENGTH);
    polled.writeInt16LE(POLLIN, index * POLLFD_LENGTH + 4);
  }
  if (libc.poll(polled, fds.length, FOREVER) === -1) {
    const errno = lastErrno();
    // A signal that this thread got, a profiler's for one: nothing is there yet.
    if (errnoName(errno) === 'EINTR') return new Set();
    throw new KernelError('wait for kernel events', errno);
  }
  return new Set(fds.filter((_, index) => polled.readInt16LE(index * POLLFD_LENGTH + 6) !== 0));
}

function clearWakeUp(): void {
  readSync(wakeFd, Buffer.alloc(8));
}

/** Does what the main thread asked since the last time. */
function obey(): void {
  for (let next = takeCommand(); next; next = takeCommand()) {
    if (next.kind === 'watch') {
      sockets.set(next.id, next.fd);
      continue;
    }
    const fd = sockets.get(next.id);
    sockets.delete(next.id);
    if (fd !== undefined) libc.close(fd);
  }
}

function takeCommand(): Command | undefined {
  const taken = parentPort && receiveMessageOnPort(parentPort);
  return taken?.message as Command | undefined;
}

function report(id: number, fd: number): void {
  const datagrams: Uint8Array<ArrayBuffer>[] = [];
  let lost = false;
  while (datagrams.length < DATAGRAMS_A_REPORT) {
    const received = receiveNow(fd);
    if (received === 'nothing') break;
    if (received === 'lost') lost = true;
    // Memory of its own, which can be handed over; a Buffer shares a pool.
    else datagrams.push(new Uint8Array(received));
  }
  const message: Report = { id, datagrams, lost };
  parentPort?.postMessage(
    message,
    datagrams.map(({ buffer }) => buffer),
  );
}

run();
