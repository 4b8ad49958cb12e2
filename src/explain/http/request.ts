import type { Scheme } from '../../routes/index.ts';

/** A request that is asked about. */
export interface HttpRequest {
  readonly scheme: Scheme;
  /** As a client sends it: with the port, if one was given. */
  readonly host: string;
  readonly port: number;
  /** Path and query, as given: clients that tidy paths up are none of ours. */
  readonly target: string;
}

const ports: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

/** Reads an absolute URL; undefined for what is none, which is another form of a place. */
export function parseRequest(text: string): HttpRequest | undefined {
  const { scheme, host, target } =
    /^(?<scheme>https?):\/\/(?<host>[^\s/?#@]+)(?<target>[^\s#]*)/iu.exec(text)?.groups ?? {};
  if (scheme === undefined || host === undefined || target === undefined) return undefined;
  const kind = scheme.toLowerCase() as Scheme;
  const port = /:(\d+)$/u.exec(host)?.[1];
  return {
    scheme: kind,
    host,
    port: port === undefined ? ports[kind] : Number(port),
    target: target.startsWith('/') ? target : `/${target}`,
  };
}

export function isRequest(text: string): boolean {
  return parseRequest(text) !== undefined;
}
