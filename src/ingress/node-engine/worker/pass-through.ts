import { connect, type Socket } from 'node:net';
import type { Upstream } from '../../../routes/index.ts';

/** How long an upstream may take to accept a connection. */
const CONNECT_MS = 5000;

/** Carries a connection's bytes to an upstream and back, TLS and all; without one, or when it does not answer, it ends. */
export function passThrough(socket: Socket, upstream: Upstream | undefined): void {
  if (upstream === undefined) {
    socket.destroy();
    return;
  }
  const peer = connect({ host: upstream.ip, port: upstream.port, noDelay: true });
  peer.setTimeout(CONNECT_MS, () => socket.destroy());
  peer.once('connect', () => peer.setTimeout(0));
  peer.once('error', () => socket.destroy());
  socket.once('error', () => peer.destroy());
  socket.once('close', () => peer.destroy());
  peer.once('close', () => socket.destroy());
  socket.pipe(peer).pipe(socket);
}
