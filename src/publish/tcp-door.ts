import { once } from 'node:events';
import { createServer, isIPv6, Socket } from 'node:net';
import { Fault } from '../fault/index.ts';
import type { Door, DoorContext } from './door.ts';
import { listenFault } from './listen-fault.ts';
import { spliceSockets } from './splice-sockets.ts';

/**
 * Listens on the binding's address and joins each connection to one that is dialled inside the fabric. A target that
 * refuses or resets shows as a reset here: the listener has accepted by then, so "refused" it can no longer be.
 *
 * @throws Fault `PUBLISH_ADDRESS_IN_USE` or `PUBLISH_FAILED`.
 */
export async function openTcpDoor(context: DoorContext): Promise<Door> {
  const { listen } = context.binding;
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    admit(context, client);
  });
  try {
    server.listen({ host: listen.address, port: listen.port });
    await once(server, 'listening');
  } catch (error) {
    throw await listenFault(context.binding, error);
  }
  // accept(2) can fail for want of descriptors; the listener goes on, and the client is told by its own timeout.
  server.on('error', () => undefined);
  const closed = once(server, 'close').then(() => undefined);
  const stop = (): Promise<void> => {
    server.close();
    return closed;
  };
  const close = (): Promise<void> => {
    clients.forEach((client) => client.resetAndDestroy());
    return stop();
  };
  return { stop, close };
}

function admit(context: DoorContext, client: Socket): void {
  // What it means is told by 'close', which follows.
  client.on('error', () => undefined);
  if (!context.budget.take()) {
    client.resetAndDestroy();
    return;
  }
  client.on('close', () => context.budget.giveBack());
  try {
    spliceSockets(client, dial(context));
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    // No descriptor to be had for the fabric: to the client that is a node that resets.
    client.resetAndDestroy();
  }
}

function dial({ kernel, fabric, binding }: DoorContext): Socket {
  const { address: host, port } = binding.target;
  const fd = kernel.openTcp(fabric, isIPv6(host) ? 6 : 4);
  const target = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
  return target.setNoDelay(true).connect({ host, port });
}
