import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { ApiError } from '../../kube/index.ts';
import { parseCommandOptions } from './command-options.ts';
import type { StreamingUpgrade } from './contract.ts';
import { negotiate, offersOf } from './negotiate.ts';
import { PORT_FORWARD_PROTOCOL, servePortForward } from './port-forward.ts';
import { type CommandUpgrade, runCommand } from './run-command.ts';
import { openWebSocketChannels } from './websocket-channels.ts';
import { type ChannelProtocol, channelProtocols } from './websocket-protocol.ts';

/** A whole SPDY/3.1 connection inside the messages of a WebSocket (KEP-4006). */
const TUNNEL_PROTOCOL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;
/** kubectl sends 32 KiB at a time; other clients put a whole file into one message. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** How long a client may take to read what is left after the command has ended. */
const CLOSE_TIMEOUT_MS = 10 * 60_000;

const settings = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  closeTimeout: CLOSE_TIMEOUT_MS,
  // Only one subprotocol is left in the request by the time it is asked.
  handleProtocols: (protocols: Set<string>) => [...protocols][0] ?? false,
};

const server = new WebSocketServer(settings);

/** Like {@link server}; answers with the tunnel's name, which ws cannot: "/" is not legal in a subprotocol. */
const tunnelServer = new WebSocketServer(settings);
tunnelServer.on('headers', (headers) => {
  headers.push(`Sec-WebSocket-Protocol: ${TUNNEL_PROTOCOL}`);
});

/** Serves exec and attach in the channel protocols of Kubernetes over WebSocket. */
export async function serveWebSocketCommand(upgrade: CommandUpgrade): Promise<void> {
  const options = parseCommandOptions(upgrade.kind, upgrade.query);
  const protocol = chooseProtocol(upgrade);
  const channels = await accept(server, upgrade, protocol.name, (socket) => {
    // ws follows each error with `close`, which aborts the session; there is nobody left to tell.
    socket.on('error', () => undefined);
    return openWebSocketChannels(socket, protocol, options);
  });
  if (channels !== undefined) {
    await runCommand(upgrade, options, channels);
  }
}

/** Serves port-forward as kubectl 1.31 and later ask for it. @throws ApiError Forbidden for other subprotocols. */
export async function serveWebSocketPortForward(upgrade: StreamingUpgrade): Promise<void> {
  negotiate(offersOf(upgrade.request.headers['sec-websocket-protocol']), [TUNNEL_PROTOCOL]);
  const transport = await accept(tunnelServer, upgrade, undefined, (socket) =>
    createWebSocketStream(socket),
  );
  if (transport !== undefined) {
    const { namespace, pod, node } = upgrade;
    await servePortForward({ transport, namespace, pod, node });
  }
}

function chooseProtocol(upgrade: StreamingUpgrade): ChannelProtocol {
  const offers = offersOf(upgrade.request.headers['sec-websocket-protocol']);
  const names = channelProtocols.map((protocol) => protocol.name);
  const name = negotiate(offers.length === 0 ? [''] : offers, names);
  const protocol = channelProtocols.find((candidate) => candidate.name === name);
  if (protocol === undefined) {
    throw new ApiError('InternalError', `subprotocol ${name} was negotiated but is unknown`);
  }
  return protocol;
}

/** Makes the WebSocket; `open` runs before any message can be lost. `undefined`: ws has refused the client itself. */
function accept<T>(
  by: WebSocketServer,
  upgrade: StreamingUpgrade,
  protocol: string | undefined,
  open: (socket: WebSocket) => T,
): Promise<T | undefined> {
  const { request, socket, head } = upgrade;
  const { 'sec-websocket-protocol': _offered, ...headers } = request.headers;
  request.headers =
    protocol === undefined || protocol === ''
      ? headers
      : { ...headers, 'sec-websocket-protocol': protocol };
  return new Promise((resolve) => {
    socket.on('close', () => resolve(undefined));
    by.handleUpgrade(request, socket, head, (accepted) => resolve(open(accepted)));
  });
}
