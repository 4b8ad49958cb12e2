import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ContainerStreams } from '../runtime.ts';
import type { AttachWorkerData } from './attach-worker.ts';
import type { Bundle } from './layout.ts';
import { connectSeqpacket, shutdownSocket, trySend, type TerminalSize } from './libc.ts';

interface AttachTarget {
  readonly bundle: Bundle;
  readonly tty: boolean;
  /** Whether the container was made with an open stdin. */
  readonly stdin: boolean;
}

/** First byte of conmon's packets. */
const standardError = 3;
/** conmon's receive buffer has 32 KiB; a larger packet would be cut. */
const inputPacketBytes = 8 * 1024;
const fullQueueRetryMs = 10;
/** Message type of conmon's control pipe: `1 HEIGHT WIDTH`. */
const resizeMessage = 1;

/** Connects the streams to the container's first process, until it exits or the client goes. */
export async function attachContainer(
  target: AttachTarget,
  streams: ContainerStreams,
): Promise<void> {
  const fd = connectTo(target.bundle);
  const untaken = new Int32Array(new SharedArrayBuffer(4));
  const data: AttachWorkerData = { fd, untaken };
  const worker = new Worker(new URL('attach-worker.ts', import.meta.url), { workerData: data });
  const session = { isOpen: true };
  const leave = (): void => {
    if (session.isOpen) shutdownSocket(fd, 'both');
  };
  streams.signal?.addEventListener('abort', leave, { once: true });
  if (target.tty) streams.onResize?.((size) => resize(target.bundle, size));
  if (streams.signal?.aborted === true) leave();
  const output = deliverOutput(worker, untaken, streams);
  const input = target.stdin ? sendInput(fd, streams.stdin, session) : Promise.resolve();
  input.catch(leave);
  try {
    await once(worker, 'exit');
  } finally {
    session.isOpen = false;
    closeSync(fd);
    streams.signal?.removeEventListener('abort', leave);
  }
  await output();
}

/** The socket's path may be longer than socket addresses are: the directory goes by its descriptor. */
function connectTo(bundle: Bundle): number {
  const directory = openSync(bundle.directory, constants.O_DIRECTORY | constants.O_RDONLY);
  try {
    return connectSeqpacket(`/proc/self/fd/${directory}/attach`);
  } finally {
    closeSync(directory);
  }
}

/** Writes packets in order; returns a function that waits for the last one. */
function deliverOutput(
  worker: Worker,
  untaken: Int32Array<SharedArrayBuffer>,
  streams: ContainerStreams,
): () => Promise<void> {
  let last = Promise.resolve();
  const take = async (before: Promise<void>, packet: Uint8Array): Promise<void> => {
    await before;
    await deliver(packet, streams);
    Atomics.sub(untaken, 0, packet.length);
    Atomics.notify(untaken, 0);
  };
  worker.on('message', (packet: Uint8Array) => {
    last = take(last, packet);
  });
  return () => last;
}

async function deliver(packet: Uint8Array, streams: ContainerStreams): Promise<void> {
  const stream = packet[0] === standardError ? streams.stderr : streams.stdout;
  if (stream === undefined || stream.destroyed) return;
  if (stream.write(packet.subarray(1))) return;
  // A client that goes away never drains.
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('drain', resolve).once('close', resolve);
  await promise;
  stream.off('drain', resolve).off('close', resolve);
}

/** Sends the client's input; its end is told to conmon, which closes the container's stdin if it is to be closed. */
async function sendInput(
  fd: number,
  input: Readable | undefined,
  session: { readonly isOpen: boolean },
): Promise<void> {
  if (input === undefined) return;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    for (let start = 0; start < chunk.length; start += inputPacketBytes) {
      const packet = chunk.subarray(start, start + inputPacketBytes);
      // The queue is full as long as the container does not read; nothing reports that it has room again.
      while (session.isOpen && !trySend(fd, packet)) await delay(fullQueueRetryMs);
      if (!session.isOpen) return;
    }
  }
  if (session.isOpen) shutdownSocket(fd, 'write');
}

function resize({ control }: Bundle, { width, height }: TerminalSize): void {
  const pipe = openSync(control, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    writeSync(pipe, `${resizeMessage} ${height} ${width}\n`);
  } finally {
    closeSync(pipe);
  }
}
