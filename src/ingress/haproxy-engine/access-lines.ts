import { randomUUID } from 'node:crypto';
import type { AccessRecord } from '../engine.ts';
import { readValue } from './route-entries.ts';

/** The server of a slot that is the embedded engine: it tells of its requests itself. */
export const EMBEDDED_SERVER = 'embedded';

/** HAProxy's log format of {@link readAccessLine}; no value has a space in it, and the path comes last. */
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

/** @returns undefined for what the embedded engine tells of itself */
export function readAccessLine(
  line: string,
  backendOf: (slot: string) => string | undefined,
): AccessRecord | undefined {
  const fields = line.split(' ');
  const [scheme, ended, client = '', protocol = '', status, sent, received, took, state = '-'] =
    fields;
  const [address = '', server, method = '', id = '-', value = '', ...rest] = fields.slice(9);
  if (server === EMBEDDED_SERVER || (scheme !== 'http' && scheme !== 'https')) return undefined;
  const seconds = Math.max(Number(took), 0) / 1000;
  const about = {
    time: Number(ended) - seconds * 1000,
    client: client.replace(/^::ffff:/u, ''),
    scheme,
    protocol,
    method,
    requestBytes: Number(sent),
    responseBytes: Number(received),
    seconds,
    requestId: id === '-' ? randomUUID() : id,
    ...targetOf(rest.join(' ')),
  } as const;
  const route = readValue(value);
  // PR: the proxy refused the request, whatever route it had found by then.
  if (route === undefined || state.startsWith('PR')) {
    return { ...about, status: Number(status), reason: 'BAD_REQUEST', upstreams: [] };
  }
  const isRedirect = state.startsWith('L') && status === '308';
  const reason = route.isCanary ? 'FORWARDED_TO_CANARY' : 'FORWARDED';
  return {
    ...about,
    status: statusOf(Number(status), state),
    reason: isRedirect ? 'REDIRECTED_TO_HTTPS' : reason,
    route: route.ref,
    backend: backendOf(route.slot),
    upstreams: address.startsWith('-') ? [] : [address],
  };
}

/** As the page says it: 502 where no connection came about, nginx's 499 for a client that left. */
function statusOf(status: number, state: string): number {
  if (state.startsWith('SC')) return 502;
  return status <= 0 || Number.isNaN(status) ? 499 : status;
}

/** From `host/path?` and the query with its own question mark. */
function targetOf(text: string): { readonly host: string; readonly target: string } {
  const slash = text.indexOf('/');
  if (slash === -1) return { host: '', target: '' };
  const mark = text.indexOf('?', slash);
  const path = text.slice(slash, mark === -1 ? undefined : mark);
  return { host: text.slice(0, slash), target: path + (mark === -1 ? '' : text.slice(mark + 1)) };
}
