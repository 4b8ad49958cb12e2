import { STATUS_CODES } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Backend, RoutePolicy, Upstream } from '../../../routes/index.ts';
import type { Exchange } from './exchange.ts';
import { upstreamHeaders } from './headers.ts';
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
  /** Told once, when the connection is over. */
  readonly onClose: (status: number) => void;
}

/** Answers an upgrade that goes nowhere. */
function refuseUpgrade(socket: Duplex, status: number, headers: readonly string[] = []): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Length: 0',
  ];
  socket.end(`${[...lines, ...headers].join('\r\n')}\r\n\r\n`);
}

/**
 * Joins client and upstream: the upstream's own answer goes back as it is, 101 or not, and then both talk until one
 * hangs up or neither says anything for the read timeout. Nothing that happens to the routes ends it.
 */
export function tunnelUpgrade(errand: UpgradeErrand): void {
  tryNext(errand, 0);
}

function tryNext(errand: UpgradeErrand, attempt: number): void {
  const { socket, upstreams, exchange, onClose } = errand;
  const upstream = upstreams[attempt];
  if (upstream === undefined) {
    refuseUpgrade(socket, upstreams.length === 0 ? 503 : 502);
    onClose(upstreams.length === 0 ? 503 : 502);
    return;
  }
  exchange.upstreams.push(upstreamName(upstream));
  const peer = dial(errand, upstream);
  const next = (): void => {
    peer.destroy();
    tryNext(errand, attempt + 1);
  };
  peer.setTimeout(errand.policy.timeouts?.connect ?? defaultMs, next);
  peer.once('error', next);
  peer.once(isEncrypted(errand.backend) ? 'secureConnect' : 'connect', () => {
    peer.off('error', next);
    peer.removeAllListeners('timeout');
    join(errand, peer);
  });
}

function isEncrypted({ protocol }: Backend): boolean {
  return protocol === 'https' || protocol === 'grpcs';
}

function dial({ backend, policy }: UpgradeErrand, { ip, port }: Upstream): Socket {
  if (!isEncrypted(backend)) return connect({ host: ip, port, noDelay: true });
  const { verify = false, name, ca } = policy.upstreamTls ?? {};
  const servername = name ?? (isIP(ip) === 0 ? ip : undefined);
  return connectTls({ host: ip, port, rejectUnauthorized: verify, servername, ca });
}

/** The request's head as it goes to the upstream, its upgrade still in it. */
function headOf({ exchange, backend, target, policy, extraHeaders }: UpgradeErrand): string {
  const { request } = exchange;
  const headers = upstreamHeaders(exchange, { backend, policy, extra: extraHeaders });
  const lines = [`${request.method} ${target} HTTP/1.1`];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  lines.push('Connection: Upgrade', `Upgrade: ${request.headers.upgrade}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function join(errand: UpgradeErrand, peer: Socket): void {
  const { socket, head, policy, exchange, onClose } = errand;
  let status = 502;
  peer.write(headOf(errand));
  if (head.length > 0) peer.write(head);
  peer.once('data', (chunk: Buffer) => {
    status = Number(/^HTTP\/1\.[01] (\d{3})/u.exec(chunk.toString('latin1', 0, 16))?.[1] ?? status);
  });
  peer.on('data', (chunk: Buffer) => {
    exchange.responseBytes += chunk.length;
  });
  const end = (): void => {
    peer.destroy();
    socket.destroy();
  };
  const idleMs = Math.max(policy.timeouts?.read ?? defaultMs, policy.timeouts?.send ?? defaultMs);
  peer.setTimeout(idleMs, end);
  peer.once('error', end);
  socket.once('error', end);
  peer.once('close', () => {
    socket.end();
    onClose(status);
  });
  socket.once('close', () => peer.destroy());
  peer.pipe(socket);
  socket.pipe(peer);
}
