import { Fault } from '../fault/index.ts';
import { errnoName } from '../netlink/index.ts';
import { checked, lastErrno, libc } from './libc.ts';

const O_CLOEXEC = 0o2_000_000;

/** Flags of `unshare` and `setns` (include/uapi/linux/sched.h), by the name under `/proc/thread-self/ns`. */
const FLAGS = { net: 0x4000_0000, uts: 0x0400_0000, ipc: 0x0800_0000 } as const;
export type NamespaceType = keyof typeof FLAGS;

/** Where the calling thread's own namespace of a type is found; `/proc/self` would be the main thread's. */
export function ownNamespace(type: NamespaceType): string {
  return `/proc/thread-self/ns/${type}`;
}

/** Opens a pinned namespace. @throws Fault `NAMESPACE_NOT_FOUND` with the path. */
export function openNamespace(path: string): number {
  const fd = libc.open(path, O_CLOEXEC, 0) as number;
  if (fd !== -1) return fd;
  throw new Fault({
    code: 'NAMESPACE_NOT_FOUND',
    message: `cannot open namespace ${path}: ${errnoName(lastErrno())}`,
  });
}

/** Runs `body` with the calling thread in the network namespace at `path`. */
export function inNetworkAt<T>(path: string, body: () => T): T {
  const fd = openNamespace(path);
  try {
    return away(['net'], () => enterNetwork(fd, path), body);
  } finally {
    libc.close(fd);
  }
}

/** The same for a namespace that is open already. */
export function inNetworkOf<T>(fd: number, body: () => T): T {
  return away(['net'], () => enterNetwork(fd, `of descriptor ${fd}`), body);
}

/** Runs `body` in fresh namespaces of these types, which are gone afterwards unless `body` pinned them. */
export function inFresh<T>(types: readonly NamespaceType[], body: () => T): T {
  const flags = types.reduce((sum, type) => sum | FLAGS[type], 0);
  const what = `make new ${types.join(', ')} namespaces`;
  return away(types, () => checked(libc.unshare(flags), what), body);
}

function enterNetwork(fd: number, name: string): void {
  checked(libc.setns(fd, FLAGS.net), `enter network namespace ${name}`);
}

/**
 * Moves the calling thread with `leave`, runs `body`, and moves back to where the thread was, whatever happens.
 * @throws Fault `ASYNC_IN_NAMESPACE` when `body` returns a promise: what follows would run elsewhere.
 */
function away<T>(types: readonly NamespaceType[], leave: () => void, body: () => T): T {
  const origins: { readonly type: NamespaceType; readonly fd: number }[] = [];
  try {
    for (const type of types) origins.push({ type, fd: openNamespace(ownNamespace(type)) });
    leave();
    try {
      return refusePromise(body());
    } finally {
      for (const { type, fd } of origins) returnTo(type, fd);
    }
  } finally {
    for (const { fd } of origins) libc.close(fd);
  }
}

/** A thread that stayed would run the rest of the program in a pod's network: better no program at all. */
function returnTo(type: NamespaceType, fd: number): void {
  if (libc.setns(fd, FLAGS[type]) === 0) return;
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

/**
 * Moves the calling worker thread into a network namespace for good: every socket it opens from now on is there.
 * @throws Fault `NAMESPACE_NOT_FOUND` with the path, KernelError.
 */
export function moveThread(path: string): void {
  const fd = openNamespace(path);
  try {
    enterNetwork(fd, path);
  } finally {
    libc.close(fd);
  }
}
