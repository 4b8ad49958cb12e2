import type { Socket } from 'node:net';

/**
 * Joins two TCP connections so that neither end can tell: data with back-pressure, the end of either direction as FIN,
 * a failure of either connection as RST of the other. `target` may still be connecting.
 */
export function spliceSockets(client: Socket, target: Socket): void {
  client.pipe(target);
  target.pipe(client);
  passFailure(client, target);
  passFailure(target, client);
}

function passFailure(from: Socket, to: Socket): void {
  // 'close' follows, and comes too when the socket was destroyed on this side.
  from.on('error', () => undefined);
  from.on('close', () => {
    if (!from.readableEnded || !from.writableFinished) {
      reset(to);
    }
  });
}

function reset(socket: Socket): void {
  if (socket.connecting) {
    // resetAndDestroy would first wait for the connection.
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}
