import { isIPv6, Socket } from 'node:net';
import type { Kernel, NamespacePath, SocketAddress } from '../kernel/index.ts';

/**
 * A TCP connection out of a namespace, still connecting; it stays half-open when its peer has ended.
 * @throws Fault when there is no descriptor to be had.
 */
export function dialTcp(kernel: Kernel, namespace: NamespacePath, to: SocketAddress): Socket {
  const { address: host, port } = to;
  const fd = kernel.openTcp(namespace, isIPv6(host) ? 6 : 4);
  const socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
  return socket.setNoDelay(true).connect({ host, port });
}
