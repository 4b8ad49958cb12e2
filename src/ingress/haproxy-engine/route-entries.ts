import type { Route, RouteRef, Site } from '../../routes/index.ts';
import { defaults, isPlainHost, whyRouteIsHandedOver, whySiteIsHandedOver } from './hand-over.ts';

/** What a value begins with: how much HAProxy has to do for its route. */
export const KINDS = {
  usual: 'u',
  special: 's',
  toHttps: 'r',
  canary: 'c',
  embedded: 'e',
} as const;
/** Value of what the embedded engine answers. */
export const HANDED_OVER = `${KINDS.embedded}:embedded`;
/** Stands where a path ends: no path has it. */
const END = '?';
/** Parts of a million: what HAProxy draws a canary's number from. */
export const DRAWS = 1_000_000;
const UNLIMITED = 2 ** 53;

/** From a backend's id to the name of its slot; undefined for one that HAProxy does not talk to. */
export type SlotOf = (backend: string) => string | undefined;

/**
 * A site's entries of the map that HAProxy looks up a request's `host/path?` in, by its longest beginning.
 *
 *     /foo Exact    foo.com/foo?                 the whole path
 *     /foo Prefix   foo.com/foo/  foo.com/foo?   what is below, and itself
 *     /foo text     foo.com/foo                  whatever begins so
 *
 * So the longest key is the first in precedence: where two matches give one key, the first of the site's order has it.
 * A wildcard's host is `*.foo.com`, that of every name `*`.
 */
export function entriesOf(site: Site, slotOf: SlotOf): Map<string, string> {
  const host = site.host === '' ? '*' : site.host;
  // A name that is none cannot be a key; requests for it find no entry either.
  if (host !== '*' && !isPlainHost(host)) return new Map();
  if (whySiteIsHandedOver(site) !== undefined) return new Map([[`${host}/`, HANDED_OVER]]);
  const entries = new Map<string, string>();
  for (const route of site.routes) {
    const value = valueOf(route, slotOf);
    for (const key of keysOf(route)) {
      if (!entries.has(host + key)) entries.set(host + key, value);
    }
  }
  return entries;
}

function keysOf({ match }: Route): string[] {
  if (match.kind === 'regex') return [];
  const { path } = match;
  if (match.kind === 'exact') return [`${path}${END}`];
  if (match.kind === 'text') return [path];
  const bare = path.endsWith('/') ? path.slice(0, -1) : path;
  return bare === '' ? ['/'] : [`${bare}/`, `${bare}${END}`];
}

/**
 * What HAProxy has to know of a route: `u:slot:ref`; where it is not as usual
 * `s:slot:ref:longest body:read timeout:canary's share:canary's slot`, with `r` for a redirect to https. HAProxy itself
 * turns the value into `c:canary's slot:ref` when the canary takes the request.
 */
function valueOf(route: Route, slotOf: SlotOf): string {
  const { ref, policy, canaries, backend } = route;
  const why = whyRouteIsHandedOver(route, (id) => slotOf(id) !== undefined);
  const slot = slotOf(backend);
  if (why !== undefined || slot === undefined) return HANDED_OVER;
  const plain = `${slot}:${textOfRef(ref)}`;
  const [canary] = canaries;
  const isUsual =
    policy.maxBodyBytes === defaults.maxBodyBytes &&
    policy.timeouts.read === defaults.timeouts.read &&
    policy.httpsRedirect === undefined &&
    canary === undefined;
  if (isUsual) return `${KINDS.usual}:${plain}`;
  const share = canary === undefined ? 0 : Math.round((canary.weight / canary.total) * DRAWS);
  const parts = [
    policy.maxBodyBytes === 0 ? UNLIMITED : policy.maxBodyBytes,
    policy.timeouts.read,
    share,
    canary === undefined ? slot : slotOf(canary.backend),
  ];
  const kind = policy.httpsRedirect === undefined ? KINDS.special : KINDS.toHttps;
  return [kind, plain, ...parts].join(':');
}

function textOfRef({ ingress, rule, path }: RouteRef): string {
  return `${ingress}/${rule}/${path}`;
}

/** What a value says of its route. */
export interface RouteValue {
  readonly slot: string;
  readonly ref: RouteRef;
  readonly isCanary: boolean;
}

/** @returns undefined for a value that names no route */
export function readValue(value: string): RouteValue | undefined {
  const [kind, slot = '', text = ''] = value.split(':');
  const [namespace, name, rule, path] = text.split('/');
  if (path === undefined) return undefined;
  const ref = { ingress: `${namespace}/${name}`, rule: Number(rule), path: Number(path) };
  return { slot, ref, isCanary: kind === KINDS.canary };
}
