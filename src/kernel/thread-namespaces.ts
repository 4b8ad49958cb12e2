import { closeSync, openSync } from 'node:fs';
import { Fault, messageOf } from '../fault/index.ts';
import type { NamespacePath } from './kernel.ts';
import { checked, libc } from './libc.ts';

/** Flags of `unshare` and `setns` (include/uapi/linux/sched.h), with the name under `/proc/thread-self/ns`. */
export const NAMESPACE_FLAGS = { net: 0x4000_0000, uts: 0x0400_0000, ipc: 0x0800_0000 } as const;
export type NamespaceType = keyof typeof NAMESPACE_FLAGS;

const NAMESPACE_TYPES: readonly NamespaceType[] = ['net', 'uts', 'ipc'];

/** Where the calling thread's own namespace of a type is found; `/proc/self` would be the main thread's. */
export function ownNamespace(type: NamespaceType): string {
  return `/proc/thread-self/ns/${type}`;
}

/**
 * Moves the calling thread between namespaces and always back. A thread that could not return would run the rest
 * of the program in a pod's network, so a failed return ends the process.
 */
export class ThreadNamespaces {
  /** The namespaces the thread was in when this was made: the process' own. */
  private readonly home: ReadonlyMap<NamespaceType, number>;
  /** Network namespace descriptors of the calls that are running now, the innermost last. */
  private readonly entered: number[] = [];

  constructor() {
    this.home = new Map(NAMESPACE_TYPES.map((type) => [type, openSync(ownNamespace(type), 'r')]));
  }

  /** Runs `body` in the network namespace at `path`. @throws Fault when `body` is async: its rest would run elsewhere. */
  inNetwork<T>(path: NamespacePath, body: () => T): T {
    const fd = path === undefined ? this.homeOf('net') : openNamespace(path);
    try {
      checked(
        libc.setns(fd, NAMESPACE_FLAGS.net),
        `enter network namespace ${path ?? 'of the process'}`,
      );
      this.entered.push(fd);
      try {
        return refusePromise(body());
      } finally {
        this.entered.pop();
        returnTo(this.entered.at(-1) ?? this.homeOf('net'), 'net');
      }
    } finally {
      if (path !== undefined) closeSync(fd);
    }
  }

  /** Runs `body` in fresh namespaces of these types, which are gone afterwards unless `body` pinned them. */
  inFresh<T>(types: readonly NamespaceType[], body: () => T): T {
    const flags = types.reduce((sum, type) => sum | NAMESPACE_FLAGS[type], 0);
    checked(libc.unshare(flags), `make new ${types.join(', ')} namespaces`);
    try {
      return refusePromise(body());
    } finally {
      for (const type of types) returnTo(this.outer(type), type);
    }
  }

  private outer(type: NamespaceType): number {
    const innermost = type === 'net' ? this.entered.at(-1) : undefined;
    return innermost ?? this.homeOf(type);
  }

  private homeOf(type: NamespaceType): number {
    const fd = this.home.get(type);
    if (fd === undefined) throw new Error(`no descriptor of the process' ${type} namespace`);
    return fd;
  }
}

/** Opens a pinned namespace. @throws Fault `NAMESPACE_NOT_FOUND` with the path. */
export function openNamespace(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new Fault({
      code: 'NAMESPACE_NOT_FOUND',
      message: `cannot open namespace ${path}: ${messageOf(cause)}`,
      cause,
    });
  }
}

function returnTo(fd: number, type: NamespaceType): void {
  if (libc.setns(fd, NAMESPACE_FLAGS[type]) === 0) return;
  process.stderr.write(`portolan: this thread cannot leave a ${type} namespace; stopping\n`);
  process.abort();
}

function refusePromise<T>(result: T): T {
  if (!(result instanceof Promise)) return result;
  throw new Fault({
    code: 'ASYNC_IN_NAMESPACE',
    message:
      'the body of inNamespace returned a promise: what follows an await would run in another namespace',
    advice:
      'Open the socket inside and use it outside; it stays in the namespace it was opened in.',
  });
}
