import { Socket } from 'node:net';
import { requireAddress } from '../../ip/index.ts';
import type { Kernel, NamespacePath } from '../../kernel/index.ts';

/**
 * Connects to an address from inside a network namespace; the socket is connected when the promise resolves. Aborting
 * `signal` destroys it, before and after.
 * @throws Error with Node's code: ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT, ABORT_ERR.
 */
export function connectFrom(
  kernel: Kernel,
  netns: NamespacePath,
  to: { readonly host: string; readonly port: number; readonly signal?: AbortSignal },
): Promise<Socket> {
  const { host, port, signal } = to;
  const { family } = requireAddress(host);
  const fd = kernel.openTcp(netns, family);
  const socket = new Socket({
    fd,
    allowHalfOpen: true,
    ...(signal === undefined ? {} : { signal }),
  });
  return new Promise((resolve, reject) => {
    // Stays on: an error that comes before the caller listens must not end the process.
    socket.on('error', (error) => {
      socket.destroy();
      reject(error);
    });
    socket.connect({ host, port }, () => resolve(socket));
  });
}
