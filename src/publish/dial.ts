import { isIPv6, Socket } from 'node:net';
import type { Kernel, NamespacePath, SocketAddress } from '../kernel/index.ts';

/** Where a connection goes, and in whose name: the namespace's own, unless `source` says otherwise. */
interface Destination extends SocketAddress {
  readonly source?: string;
}

/**
 * A TCP connection out of a namespace, still connecting; it stays half-open when its peer has ended.
 * @throws Fault when there is no descriptor to be had.
 */
export function dialTcp(kernel: Kernel, namespace: NamespacePath, to: Destination): Socket {
  const { address: host, port, source } = to;
  const from = source === undefined ? undefined : { address: source, port: 0, isTransparent: true };
  const fd = kernel.openTcp(namespace, isIPv6(host) ? 6 : 4, from);
  const socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
  return socket.setNoDelay(true).connect({ host, port });
}
