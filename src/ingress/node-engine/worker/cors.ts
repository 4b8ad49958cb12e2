import type { Cors, RequestFacts } from '../../../routes/index.ts';
import type { Headers } from './exchange.ts';

/**
 * The origin to allow: the one that asks when it is listed, `*` when everybody is; undefined for none. With `*` it is
 * never the one that asks: browsers take no `*` along with credentials (Fetch, "CORS protocol and credentials"), and
 * naming the origin in its place would let every page of the web act for whoever is signed in.
 */
function allowedOrigin({ origins }: Cors, origin: string | undefined): string | undefined {
  if (origins.includes('*')) return '*';
  if (origin === undefined) return undefined;
  return origins.some((pattern) => matchesOrigin(pattern, origin)) ? origin : undefined;
}

/** `https://*.foo.com` is any name with one more label. */
function matchesOrigin(pattern: string, origin: string): boolean {
  const star = pattern.indexOf('*');
  if (star === -1) return pattern === origin;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const middle = origin.slice(head.length, origin.length - tail.length);
  return (
    origin.length > head.length + tail.length &&
    origin.startsWith(head) &&
    origin.endsWith(tail) &&
    !/[./]/u.test(middle)
  );
}

/** The headers that every answer of a route gets. */
export function corsHeaders(cors: Cors, { headers }: RequestFacts): Headers {
  const origin = allowedOrigin(cors, headers.get('origin'));
  if (origin === undefined) return {};
  const result: Headers = {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': cors.methods,
    'access-control-allow-headers': cors.headers,
    'access-control-max-age': cors.maxAgeSeconds,
  };
  if (cors.credentials) result['access-control-allow-credentials'] = 'true';
  if (cors.exposeHeaders !== undefined)
    result['access-control-expose-headers'] = cors.exposeHeaders;
  if (origin !== '*') result['vary'] = 'Origin';
  return result;
}

/** A browser's question whether it may; answered here, never passed on. */
export function isPreflight({ method }: RequestFacts): boolean {
  return method === 'OPTIONS';
}
