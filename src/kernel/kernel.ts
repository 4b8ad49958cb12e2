import type { NetlinkSocket } from '../netlink/socket.ts';

/** Absolute path of a bind mount that pins a network namespace; `undefined` is the namespace of the process. */
export type NamespacePath = string | undefined;

/** The namespaces that all containers of a pod share, each pinned by a bind mount at the path. */
export interface SandboxNamespaces {
  readonly net: string;
  readonly uts: string;
  readonly ipc: string;
}

/** A listening socket's address, or a datagram socket's. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** Where a socket is bound. */
export interface BoundAddress extends SocketAddress {
  /**
   * The address may be anybody's (IP_TRANSPARENT, ip(7)). Answers come only if the namespace's routing leads them to
   * sockets here.
   */
  readonly isTransparent?: boolean;
}

/**
 * Real namespaces and sockets of this machine. Everything is synchronous and restores the calling thread's
 * namespaces before it returns, also when it throws; no two calls interleave. Failures are `Fault`s that carry
 * the errno name and the path.
 */
export interface Kernel {
  /** Makes a network namespace, brings its loopback up and pins it at `path` (an empty file is made there). */
  createNetworkNamespace(path: string): void;
  /** Makes net, UTS (with `hostname`) and IPC namespaces for a pod. */
  createSandbox(paths: SandboxNamespaces, hostname: string): void;
  /** Unmounts and removes the pin; no error when it is gone already. */
  deleteNamespace(path: string): void;
  /** Runs `body` with the calling thread in the namespace; `body` must not be async. */
  inNamespace<T>(path: NamespacePath, body: () => T): T;
  /**
   * Opens a pinned namespace, for netlink's `namespaceFd`; close it with {@link Kernel.closeDescriptor}.
   * @throws Fault `NAMESPACE_NOT_FOUND` with the path.
   */
  openNamespace(path: string): number;
  openRouteSocket(path: NamespacePath): NetlinkSocket;
  openNetfilterSocket(path: NamespacePath): NetlinkSocket;
  /** Writes `/proc/sys/NAME` as the namespace sees it, e.g. `net/ipv4/ip_forward`. */
  writeSysctl(path: NamespacePath, name: string, value: string): void;
  readSysctl(path: NamespacePath, name: string): string;
  /**
   * A non-blocking listening TCP socket in the namespace: pass the descriptor to `server.listen({ fd })`.
   * `::` listens dual stack. @throws Fault with errno EADDRINUSE and the like.
   */
  listenTcp(path: NamespacePath, at: SocketAddress): number;
  /** A bound UDP socket in the namespace, for `dgramSocket.bind({ fd })`. */
  bindUdp(path: NamespacePath, at: BoundAddress): number;
  /**
   * An unconnected TCP socket in the namespace, for `new net.Socket({ fd }).connect(...)`; with `from`, one that
   * connects from there.
   */
  openTcp(path: NamespacePath, family: 4 | 6, from?: BoundAddress): number;
  /** Closes a descriptor that was not handed to Node. */
  closeDescriptor(fd: number): void;
  /** Mounts; flags are the MS_ constants of sys/mount.h. */
  mount(options: {
    readonly source: string;
    readonly target: string;
    readonly type?: string;
    readonly flags?: number;
    readonly data?: string;
  }): void;
  /** Detaches (MNT_DETACH); no error when nothing is mounted there. */
  unmount(target: string): void;
}
