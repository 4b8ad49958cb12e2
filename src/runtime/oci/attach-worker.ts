import { parentPort, workerData } from 'node:worker_threads';
import { receive } from './libc.ts';

/** Given to the worker: a connected socket, which stays the giver's, and the count of bytes that nobody has taken yet. */
export interface AttachWorkerData {
  readonly fd: number;
  readonly untaken: Int32Array<SharedArrayBuffer>;
}

/** conmon sends at most 8 KiB behind its one byte. */
const packetBytes = 64 * 1024;
/** Above this the worker waits: then conmon waits, then the container does. */
const untakenBytes = 1024 * 1024;

/**
 * Waits for the packets of one attach socket. libuv cannot poll SOCK_SEQPACKET, so a thread does; it ends when the
 * socket ends, which the other side of `shutdown` also brings about.
 */
function pumpSocket({ fd, untaken }: AttachWorkerData): void {
  const buffer = new Uint8Array(packetBytes);
  for (;;) {
    const length = receive(fd, buffer);
    if (length === 0) break;
    const waiting = Atomics.add(untaken, 0, length) + length;
    const packet = buffer.slice(0, length);
    parentPort?.postMessage(packet, [packet.buffer]);
    if (waiting > untakenBytes) Atomics.wait(untaken, 0, waiting);
  }
}

pumpSocket(workerData as AttachWorkerData);
