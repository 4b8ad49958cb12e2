import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Fault } from '../fault/index.ts';
import { dialTcp } from './dial.ts';
import type { Door, DoorContext, Route } from './door.ts';
import { spliceSockets } from './splice-sockets.ts';

/**
 * Listens, and joins each connection to one that is dialled inside the fabric. Targets that refuse show as a reset: the
 * listener has accepted by then, so "refused" it can no longer be.
 *
 * @throws the system's error when it cannot listen.
 */
export async function openTcpDoor(context: DoorContext): Promise<Door> {
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    admit(context, client);
  });
  server.listen(listenOptions(context));
  await once(server, 'listening');
  // accept(2) can fail for want of descriptors; the listener goes on, and the client is told by its own timeout.
  server.on('error', () => undefined);
  // Not `once` of node:events: an 'error' in between would reject it, with nobody there to hear of that.
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
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

function listenOptions({ entrance }: DoorContext): { fd: number } | { host: string; port: number } {
  return 'fd' in entrance ? { fd: entrance.fd } : { host: entrance.address, port: entrance.port };
}

function admit(context: DoorContext, client: Socket): void {
  // What it means is told by 'close', which follows.
  client.on('error', () => undefined);
  if (!context.budget.take()) {
    client.resetAndDestroy();
    return;
  }
  client.on('close', () => context.budget.giveBack());
  const idleMs = context.tcpIdleMs?.() ?? 0;
  // Bytes of either direction pass this socket, so its own timer sees both.
  client.setTimeout(idleMs, () => client.resetAndDestroy());
  const { remoteAddress: address = '', remotePort: port = 0 } = client;
  const caller = { address: { address, port }, end: () => void client.resetAndDestroy() };
  follow(context, client, context.route(caller));
}

/** Dials, takes the next way when that fails, and joins the two ends. */
function follow(context: DoorContext, client: Socket, route: Route | undefined): void {
  if (route === undefined || client.destroyed) {
    route?.ended?.();
    client.resetAndDestroy();
    return;
  }
  const target = dial(context, route);
  if (target === undefined) {
    route.ended?.();
    client.resetAndDestroy();
    return;
  }
  const giveUp = (): void => void target.destroy();
  const fail = (): void => {
    client.off('close', giveUp);
    route.ended?.();
    follow(context, client, route.next?.());
  };
  client.once('close', giveUp);
  target.on('error', () => undefined);
  target.once('close', fail);
  if (context.dialTimeoutMs !== undefined) target.setTimeout(context.dialTimeoutMs, giveUp);
  target.once('connect', () => {
    client.off('close', giveUp);
    target.off('close', fail).setTimeout(0);
    client.once('close', () => route.ended?.());
    if (route.preamble !== undefined) target.write(route.preamble);
    spliceSockets(client, target);
  });
}

/** No descriptor to be had for the fabric: to the client that is a node that resets. */
function dial({ kernel, fabric }: DoorContext, { target, source }: Route): Socket | undefined {
  try {
    return dialTcp(kernel, fabric, source === undefined ? target : { ...target, source });
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
