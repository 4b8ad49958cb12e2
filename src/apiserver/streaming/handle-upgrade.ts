import { Socket } from 'node:net';
import { messageOf } from '../../fault/index.ts';
import { ApiError, badRequest } from '../../kube/index.ts';
import type { HandleUpgrade, StreamingUpgrade } from './contract.ts';
import { refuseUpgrade, switchToSpdy } from './http-response.ts';
import { negotiate, offersOf } from './negotiate.ts';
import { PORT_FORWARD_PROTOCOL, servePortForward } from './port-forward.ts';
import type { CommandUpgrade } from './run-command.ts';
import { serveSpdyCommand } from './spdy-command.ts';
import { serveWebSocketCommand, serveWebSocketPortForward } from './websocket-upgrade.ts';

/** See {@link HandleUpgrade}. */
export const handleUpgrade: HandleUpgrade = async (upgrade) => {
  const { socket } = upgrade;
  // Between here and the protocol's own handlers nobody else listens; 'close' tells them.
  socket.on('error', () => undefined);
  if (socket instanceof Socket) {
    socket.setNoDelay(true).setKeepAlive(true, 30_000).setTimeout(0);
  }
  try {
    await serve(upgrade);
  } catch (error) {
    refuseUpgrade(socket, asApiError(error).status);
  }
};

/** What a plain request for one of these resources is answered with. */
export function upgradeRequired(): ApiError {
  return badRequest('Upgrade request required');
}

function serve(upgrade: StreamingUpgrade): Promise<void> {
  switch (upgrade.request.headers.upgrade?.toLowerCase()) {
    case 'websocket':
      return isCommand(upgrade)
        ? serveWebSocketCommand(upgrade)
        : serveWebSocketPortForward(upgrade);
    case 'spdy/3.1':
      return isCommand(upgrade) ? serveSpdyCommand(upgrade) : serveSpdyPortForward(upgrade);
    default:
      return Promise.reject(upgradeRequired());
  }
}

function isCommand(upgrade: StreamingUpgrade): upgrade is CommandUpgrade {
  return upgrade.kind !== 'portforward';
}

async function serveSpdyPortForward(upgrade: StreamingUpgrade): Promise<void> {
  const { socket, head, namespace, pod, node } = upgrade;
  const offers = offersOf(upgrade.request.headers['x-stream-protocol-version']);
  switchToSpdy(socket, negotiate(offers, [PORT_FORWARD_PROTOCOL]));
  await servePortForward({ transport: socket, head, namespace, pod, node });
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError('InternalError', `Internal error occurred: ${messageOf(error)}`);
}
