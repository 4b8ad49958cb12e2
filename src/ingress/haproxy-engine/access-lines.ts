import { randomUUID } from 'node:crypto';
import type { RequestReason } from '../../routes/index.ts';
import type { AccessRecord } from '../engine.ts';
import { readValue, type RouteValue } from './route-entries.ts';

/** The server of a slot that is the embedded engine: it tells of its requests itself. */
export const EMBEDDED_SERVER = 'embedded';

/** How an IPv4 address begins where it is written as one of IPv6. */
const MAPPED = '::ffff:';

/** HAProxy's log format of {@link AccessLines}; no value has a space in it, and the path comes last. */
export function accessLogFormat(scheme: 'http' | 'https'): string {
  const fields = [
    scheme,
    '%[date(0,ms)]',
    '%ci',
    '%HV',
    '%ST',
    '%U',
    '%B',
    '%Ta',
    '%ts',
    '%si:%sp',
    '%s',
    '%HM',
    '%[var(txn.id)]',
    '%[var(txn.route)]',
    '%[var(txn.key)]%HQ',
  ];
  return fields.join(' ');
}

/** Values of the map that are remembered at most: a table has as many as routes. */
const MOST_VALUES = 20_000;

/** Reads HAProxy's log lines, of which there is one for each request. */
export class AccessLines {
  private readonly backendOf: (slot: string) => string | undefined;
  private readonly values = new Map<string, RouteValue | undefined>();

  /** @param backendOf the backend that a slot was last given to */
  constructor(backendOf: (slot: string) => string | undefined) {
    this.backendOf = backendOf;
  }

  /** @returns undefined for what the embedded engine tells of itself */
  read(line: string): AccessRecord | undefined {
    const [scheme, ended, client = '', protocol = '', status, sent, received, took, ...rest] =
      line.split(' ');
    const [state = '-', address = '', server, method = '', id = '-', value = '', target = ''] =
      rest;
    if (server === EMBEDDED_SERVER || (scheme !== 'http' && scheme !== 'https')) return undefined;
    const seconds = Math.max(Number(took), 0) / 1000;
    const { host, path } = targetOf(target);
    // PR: the proxy refused the request, whatever route it had found by then.
    const route = state.startsWith('PR') ? undefined : this.routeOf(value);
    return {
      time: Number(ended) - seconds * 1000,
      client: client.startsWith(MAPPED) ? client.slice(MAPPED.length) : client,
      scheme,
      protocol,
      method,
      host,
      target: path,
      status: statusOf(Number(status), state),
      requestBytes: Number(sent),
      responseBytes: Number(received),
      seconds,
      reason: reasonOf(route, state),
      route: route?.ref,
      backend: route === undefined ? undefined : this.backendOf(route.slot),
      upstreams: address.startsWith('-') ? [] : [address],
      requestId: id === '-' ? randomUUID() : id,
    };
  }

  private routeOf(value: string): RouteValue | undefined {
    const known = this.values.get(value);
    if (known !== undefined) return known;
    const route = readValue(value);
    if (this.values.size >= MOST_VALUES) this.values.clear();
    this.values.set(value, route);
    return route;
  }
}

/** As the page says it: 502 where no connection came about, nginx's 499 for a client that left. */
function statusOf(status: number, state: string): number {
  if (state.startsWith('SC')) return 502;
  return status <= 0 || Number.isNaN(status) ? 499 : status;
}

/** What HAProxy answers by itself (`L`) although it knows the route is only the redirect to https. */
function reasonOf(route: RouteValue | undefined, state: string): RequestReason {
  if (route === undefined) return 'BAD_REQUEST';
  if (state.startsWith('L')) return 'REDIRECTED_TO_HTTPS';
  return route.isCanary ? 'FORWARDED_TO_CANARY' : 'FORWARDED';
}

/** From `host/path?` and the query with its own question mark. */
function targetOf(text: string): { readonly host: string; readonly path: string } {
  const slash = text.indexOf('/');
  if (slash === -1) return { host: '', path: '' };
  const mark = text.indexOf('?', slash);
  const path = text.slice(slash, mark === -1 ? undefined : mark);
  return { host: text.slice(0, slash), path: mark === -1 ? path : path + text.slice(mark + 1) };
}
