import { Socket } from 'node:net';
import { requireAddress } from '../../ip/index.ts';
import type { Kernel, NamespacePath } from '../../kernel/index.ts';

/**
 * Connects to an address from inside a network namespace; the socket is connected when the promise resolves.
 * @throws Error with Node's code: ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT.
 */
export function connectFrom(
  kernel: Kernel,
  netns: NamespacePath,
  to: { readonly host: string; readonly port: number },
): Promise<Socket> {
  const { family } = requireAddress(to.host);
  const socket = new Socket({ fd: kernel.openTcp(netns, family), allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.connect({ host: to.host, port: to.port }, () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
