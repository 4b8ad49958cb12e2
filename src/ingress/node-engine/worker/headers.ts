import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Backend, RoutePolicy } from '../../../routes/index.ts';
import { hostName } from '../../../routes/index.ts';
import { absoluteForm, type Exchange, type Headers } from './exchange.ts';

/** Headers of one connection, not of the message (RFC 9110 section 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** What the ingress itself says to the upstream: nobody outside may say it in its place. */
const ownHeaders = new Set([
  'host',
  'expect',
  'x-request-id',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-prefix',
  'x-scheme',
  'x-original-forwarded-for',
  'ssl-client-cert',
  'ssl-client-verify',
  'ssl-client-subject-dn',
  'ssl-client-issuer-dn',
]);

/** Names that `Connection` declares to be of the connection only; a list where an upstream sent several. */
function declaredHopByHop(sent: string | readonly string[] | undefined): ReadonlySet<string> {
  const connection = Array.isArray(sent) ? sent.join(',') : (sent as string | undefined);
  if (connection === undefined || connection === 'keep-alive' || connection === 'close')
    return hopByHop;
  return new Set([
    ...hopByHop,
    ...connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  ]);
}

export interface UpstreamHeaderOptions {
  readonly backend: Backend;
  readonly policy: Partial<RoutePolicy>;
  /** Headers of external authentication and client certificates. */
  readonly extra: readonly string[];
  /** The body does not go along, so that its length must not. */
  readonly leavesBody?: boolean;
}

/**
 * Names that a client may not say to an upstream of this route: those that external authentication says, whether it does
 * or not, and a password that was for the ingress.
 */
function reservedNames({ policy, leavesBody = false }: UpstreamHeaderOptions): readonly string[] {
  const { externalAuth, basicAuth, digestAuth } = policy;
  const isForIngress = basicAuth !== undefined || digestAuth !== undefined;
  return [
    ...(externalAuth?.responseHeaders ?? []).map((name) => name.toLowerCase()),
    ...(isForIngress ? ['authorization'] : []),
    ...(leavesBody ? ['content-length'] : []),
  ];
}

/** Headers towards the upstream: name, value, name, value, as undici takes them. */
export function upstreamHeaders(
  { request, facts, arrival, id }: Exchange,
  options: UpstreamHeaderOptions,
): string[] {
  const { backend, policy, extra } = options;
  const { rawHeaders, headers, httpVersionMajor } = request;
  const dropped = declaredHopByHop(headers.connection);
  const reserved = reservedNames(options);
  const result: string[] = ['Host', policy.upstreamHost ?? facts.host];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const lower = name.toLowerCase();
    // Pseudo-headers of HTTP/2; and names with underscores, which CGI-like upstreams confuse with others.
    if (lower.startsWith(':') || lower.includes('_')) continue;
    if (dropped.has(lower) || ownHeaders.has(lower) || reserved.includes(lower)) continue;
    // HTTP/2 may split it; to others it goes in one (RFC 9113 section 8.2.3).
    if (lower === 'cookie' && httpVersionMajor > 1) continue;
    result.push(name, rawHeaders[at + 1] ?? '');
  }
  if (headers.cookie !== undefined && httpVersionMajor > 1) result.push('Cookie', headers.cookie);
  if (backend.protocol === 'grpc' || backend.protocol === 'grpcs') result.push('te', 'trailers');
  result.push('X-Request-ID', id, 'X-Real-IP', facts.client, 'X-Forwarded-For', facts.client);
  result.push('X-Forwarded-Host', facts.host, 'X-Forwarded-Port', String(arrival.port));
  result.push('X-Forwarded-Proto', facts.scheme, 'X-Forwarded-Scheme', facts.scheme);
  result.push('X-Scheme', facts.scheme);
  const forwardedFor = facts.headers.get('x-forwarded-for');
  if (forwardedFor !== undefined) result.push('X-Original-Forwarded-For', forwardedFor);
  if (policy.xForwardedPrefix !== undefined)
    result.push('X-Forwarded-Prefix', policy.xForwardedPrefix);
  result.push(...extra);
  return result;
}

/** Headers of a request that another service may hear, without those of its body. */
export function requestHeaders({ headers }: IncomingMessage): Headers {
  const dropped = declaredHopByHop(headers.connection);
  const result: Headers = {};
  for (const [name, value] of Object.entries(headers)) {
    const isOwn = ownHeaders.has(name) || name === 'content-length' || name.includes('_');
    if (value === undefined || isOwn || dropped.has(name) || name.startsWith(':')) continue;
    result[name] = value;
  }
  return result;
}

/** Headers of the upstream's answer that go on to the client. */
export function clientHeaders(headers: IncomingHttpHeaders): Headers {
  const dropped = declaredHopByHop(headers.connection);
  const result: Headers = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !dropped.has(name) && !name.startsWith(':')) result[name] = value;
  }
  return result;
}

/** A target of another host than the header names; or with a fragment, which some would take for a part of the path. */
function isOtherTarget(url: string, host: string): boolean {
  const authority = absoluteForm.exec(url)?.[1] ?? host;
  return url.includes('#') || authority.toLowerCase() !== host.toLowerCase();
}

/**
 * What makes a request ambiguous, so that two servers could read it differently; Node's parser has refused what is
 * wrong by syntax (conflicting lengths, bare line feeds) before.
 */
export function isAmbiguous({ request, facts }: Exchange): boolean {
  const { rawHeaders, headers } = request;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
  }
  const hasBoth =
    headers['transfer-encoding'] !== undefined && headers['content-length'] !== undefined;
  const encoding = headers['transfer-encoding']?.toLowerCase();
  return (
    hosts > 1 ||
    hasBoth ||
    isOtherTarget(request.url ?? '', facts.host) ||
    (encoding !== undefined && encoding !== 'chunked') ||
    !/^[\w.\-:[\]]*$/u.test(facts.host) ||
    hostName(facts.host) === ''
  );
}
