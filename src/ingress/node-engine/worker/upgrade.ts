import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { pipeline, type Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Backend, RoutePolicy, Upstream } from '../../../routes/index.ts';
import type { Exchange } from './exchange.ts';
import { clientHeaders, upstreamHeaders } from './headers.ts';
import { upstreamName } from './upstream-pools.ts';

const defaultMs = 60_000;

/** A request to speak another protocol (WebSocket), and the connection it came on. */
export interface UpgradeErrand {
  readonly exchange: Exchange;
  readonly socket: Duplex;
  /** What the client sent after its request. */
  readonly head: Buffer;
  readonly backend: Backend;
  readonly upstreams: readonly Upstream[];
  readonly target: string;
  readonly policy: Partial<RoutePolicy>;
  readonly extraHeaders: readonly string[];
  /** Told when client and upstream have been joined, and part. */
  readonly onClose: (status: number) => void;
}

/**
 * Asks upstreams for another protocol, one after the other until one answers. With 101 client and upstream are joined,
 * and talk until one hangs up or neither says anything for the time limit: nothing that happens to the routes ends that.
 * Any other answer goes back as that of any request, and ends the client's connection. Until 101 nothing that the client
 * sends reaches the upstream: it could be a request that no rule has seen.
 */
export function tunnelUpgrade(errand: UpgradeErrand): void {
  tryNext(errand, 0);
}

function tryNext(errand: UpgradeErrand, attempt: number): void {
  const { socket, upstreams, exchange } = errand;
  if (socket.destroyed) return;
  const upstream = upstreams[attempt];
  if (upstream === undefined) {
    exchange.respond(upstreams.length === 0 ? 503 : 502);
    return;
  }
  exchange.upstreams.push(upstreamName(upstream));
  const asked = ask(errand, upstream);
  const leave = (): void => void asked.destroy();
  socket.once('close', leave);
  asked.once('upgrade', (answer, peer, peerHead) => join(errand, { answer, peer, peerHead }));
  asked.once('response', (answer) => passOn(exchange, answer));
  asked.once('error', (error) => {
    socket.off('close', leave);
    if (exchange.response.headersSent) exchange.response.destroy();
    else if (error instanceof SilentUpstream) exchange.respond(504);
    else tryNext(errand, attempt + 1);
  });
  asked.end();
}

/** It took the connection, and says nothing. */
class SilentUpstream extends Error {}

function isEncrypted({ protocol }: Backend): boolean {
  return protocol === 'https' || protocol === 'grpcs';
}

function dial({ backend, policy }: UpgradeErrand, { ip, port }: Upstream): Socket {
  if (!isEncrypted(backend)) return connect({ host: ip, port, noDelay: true });
  const { verify = false, name, ca } = policy.upstreamTls ?? {};
  const servername = name ?? (isIP(ip) === 0 ? ip : undefined);
  return connectTls({ host: ip, port, rejectUnauthorized: verify, servername, ca });
}

/** The request as it goes to the upstream, its upgrade still in it. */
function ask(errand: UpgradeErrand, upstream: Upstream): ClientRequest {
  const { exchange, backend, target, policy, extraHeaders } = errand;
  const { method, headers } = exchange.request;
  const told = upstreamHeaders(exchange, { backend, policy, extra: extraHeaders });
  const { connect: connectMs = defaultMs, read: readMs = defaultMs } = policy.timeouts ?? {};
  const peer = dial(errand, upstream);
  peer.setTimeout(connectMs, () => peer.destroy(new Error('no connection in time')));
  peer.once(isEncrypted(backend) ? 'secureConnect' : 'connect', () => {
    peer.removeAllListeners('timeout');
    peer.setTimeout(readMs, () => peer.destroy(new SilentUpstream('no answer in time')));
  });
  return request({
    createConnection: () => peer,
    method,
    path: target,
    headers: [...told, 'Connection', 'Upgrade', 'Upgrade', headers.upgrade ?? ''],
  });
}

/** An answer that is not 101: the client's connection ends with it. */
function passOn(exchange: Exchange, answer: IncomingMessage): void {
  const { response } = exchange;
  exchange.begin(answer.statusCode ?? 502, clientHeaders(answer.headers), answer.statusMessage);
  answer.on('data', (chunk: Buffer) => {
    exchange.responseBytes += chunk.length;
  });
  pipeline(answer, response, (error) => {
    if (error) response.destroy();
  });
}

interface Joint {
  readonly answer: IncomingMessage;
  readonly peer: Socket;
  /** What the upstream sent behind its answer. */
  readonly peerHead: Buffer;
}

function headOf(exchange: Exchange, { headers }: IncomingMessage): string {
  const all = Object.entries(exchange.answerHeaders(clientHeaders(headers)));
  const lines = all.flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  const first = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade'];
  return `${[...first, `Upgrade: ${headers.upgrade}`, ...lines].join('\r\n')}\r\n\r\n`;
}

function join(errand: UpgradeErrand, { answer, peer, peerHead }: Joint): void {
  const { socket, head, policy, exchange, onClose } = errand;
  exchange.response.detachSocket(socket as Socket);
  const end = (): void => {
    peer.destroy();
    socket.destroy();
  };
  const idleMs = Math.max(policy.timeouts?.read ?? defaultMs, policy.timeouts?.send ?? defaultMs);
  peer.removeAllListeners('timeout');
  peer.setTimeout(idleMs, end);
  peer.once('error', end);
  socket.once('error', end);
  peer.once('close', () => {
    socket.end();
    onClose(101);
  });
  socket.once('close', end);
  socket.write(headOf(exchange, answer), 'latin1');
  for (const [to, bytes] of [
    [peer, head],
    [socket, peerHead],
  ] as const) {
    if (bytes.length > 0) to.write(bytes);
  }
  exchange.responseBytes += peerHead.length;
  peer.on('data', (chunk: Buffer) => {
    exchange.responseBytes += chunk.length;
  });
  peer.pipe(socket);
  socket.pipe(peer);
}
