import { isIP } from 'node:net';
import type { Backend, Route, RoutePolicy, Site } from '../../routes/index.ts';

/** What HAProxy's configuration does unless a route says otherwise: the defaults of ingress-nginx. */
export const defaults = {
  maxBodyBytes: 1024 ** 2,
  timeouts: { connect: 5000, send: 60_000, read: 60_000 },
  tries: 3,
  httpsRedirect: 308,
} as const;

/**
 * Parts of a policy that the embedded engine sees to. Some HAProxy could do with configuration of their own (cookies,
 * rates); but what an author writes must never become configuration, and both engines must mean the same by it.
 */
const handedOver = [
  'rewrite',
  'redirect',
  'allow',
  'deny',
  'limits',
  'cors',
  'basicAuth',
  'digestAuth',
  'externalAuth',
  'affinity',
  'hashBy',
  'customErrors',
  'errorBackendId',
  'mirror',
  'upstreamHost',
  'xForwardedPrefix',
  'upstreamTls',
] as const satisfies readonly (keyof RoutePolicy)[];

/** Paths of these characters stand in a request line as they are, so that comparing needs no decoding. */
const plainPath = /^\/[A-Za-z0-9/._~!$&()*+,=:@-]*$/u;
const plainHost = /^(?:\*\.)?[a-z0-9._-]+$/u;

/** Whether a host, or a wildcard, is nothing but a name. */
export function isPlainHost(host: string): boolean {
  return plainHost.test(host);
}

/** Why the embedded engine answers for a whole host; undefined when HAProxy does. */
export function whySiteIsHandedOver({ host, routes, policy }: Site): string | undefined {
  if (host !== '' && !isPlainHost(host)) return 'its name';
  if (policy.appRoot !== undefined) return 'app-root';
  if (policy.canonicalHost !== undefined) return 'from-to-www-redirect';
  if (policy.clientCertificate !== undefined) return 'auth-tls';
  if (routes.some(({ match }) => match.kind === 'regex')) return 'regular expressions';
  const hasOdd = routes.some(({ match }) => match.kind !== 'regex' && !plainPath.test(match.path));
  return hasOdd ? 'paths that a request has to escape' : undefined;
}

/** Why the embedded engine answers for one route; undefined when HAProxy does. */
export function whyRouteIsHandedOver(
  { policy, canaries, backend }: Route,
  isNative: (backend: string) => boolean,
): string | undefined {
  const part = handedOver.find((name) => policy[name] !== undefined);
  if (part !== undefined) return part;
  if ((policy.responseHeaders ?? []).length > 0) return 'custom-headers';
  const { connect, send, read } = policy.timeouts;
  if (connect !== defaults.timeouts.connect || send !== defaults.timeouts.send) return 'timeouts';
  if (read === 0) return 'timeouts';
  const { on, tries, timeout } = policy.retry;
  const isUsual = on.length === 2 && on.includes('error') && on.includes('timeout');
  if (!isUsual || tries !== defaults.tries || timeout !== 0) return 'proxy-next-upstream';
  const { httpsRedirect = defaults.httpsRedirect } = policy;
  if (httpsRedirect !== defaults.httpsRedirect) return 'http-redirect-code';
  if (canaries.length > 1) return 'several canaries';
  const [canary] = canaries;
  if (canary?.header !== undefined || canary?.cookie !== undefined) return 'canary by header';
  const backends = [backend, ...canaries.map(({ backend }) => backend)];
  return backends.every(isNative) ? undefined : 'what its backend speaks';
}

/** Whether HAProxy itself talks to a backend: HTTP in clear, to addresses. */
export function isNativeBackend({ protocol, upstreams }: Backend): boolean {
  return protocol === 'http' && upstreams.every(({ ip }) => isIP(ip) !== 0);
}
