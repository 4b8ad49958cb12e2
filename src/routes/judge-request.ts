import { isAddressAllowed } from './address-lists.ts';
import { chooseBackend, type Draw } from './canary.ts';
import type { RequestFacts, RequestVerdict, Route, RouteTable, Site } from './contract.ts';
import { hostName, sitesFor } from './hosts.ts';
import { matchesPath, normalisePath, splitTarget } from './paths.ts';
import { fillVariables, rewriteTarget } from './rewrite.ts';
import { routeFor } from './site-index.ts';

/** The redirect of ingress-nginx for a missing trailing slash, and for `app-root`. */
const MOVED = 301;
const FOUND = 302;
/** Keeps the method: what ingress-nginx redirects hosts and schemes with. */
const PERMANENT = 308;

/** A request and what all steps of its judgement need. */
interface Case {
  readonly table: RouteTable;
  readonly request: RequestFacts;
  readonly draw: Draw;
  /** As sent. */
  readonly rawPath: string;
  /** Normalised. */
  readonly path: string;
  readonly query: string;
}

/**
 * What becomes of a request, and why. `draw` decides weighted canaries: a number from 0 up to, without, 1.
 * Authentication, limits and bodies are the engine's: they need more than the request's head.
 */
export function judgeRequest(
  table: RouteTable,
  request: RequestFacts,
  draw: Draw = Math.random,
): RequestVerdict {
  const { path: rawPath, query } = splitTarget(request.target);
  const path = normalisePath(rawPath);
  const name = hostName(request.host);
  if (path === undefined || name === '') {
    return { action: 'respond', reason: 'BAD_REQUEST', status: 400 };
  }
  const sites = sitesFor(table, name);
  const canonical = sites[0]?.policy.canonicalHost;
  if (canonical !== undefined && canonical !== name) {
    const location = `${request.scheme}://${canonical}${rawPath}${query}`;
    return { action: 'redirect', reason: 'REDIRECTED', status: PERMANENT, location };
  }
  const inquiry = { table, request, draw, rawPath, path, query };
  for (const site of sites) {
    const route = routeFor(site, path);
    if (route !== undefined) return judgeRoute(inquiry, site, route);
  }
  return withoutRoute(inquiry, sites);
}

/** All routes that match a request, in the order they are asked: the first has it, the second is the runner-up. */
export function matchingRoutes(table: RouteTable, request: RequestFacts): Route[] {
  const path = normalisePath(splitTarget(request.target).path);
  if (path === undefined) return [];
  return sitesFor(table, hostName(request.host)).flatMap(({ routes }) =>
    routes.filter(({ match }) => matchesPath(match, path)),
  );
}

/** `/foo` where only exactly `/foo/` is routed is sent there, as nginx does; else the default backend answers. */
function withoutRoute(
  { table, request, path, rawPath, query }: Case,
  sites: readonly Site[],
): RequestVerdict {
  const withSlash = `${path}/`;
  const hasSlashRoute = sites.some(({ routes }) =>
    routes.some(({ match }) => match.kind === 'exact' && match.path === withSlash),
  );
  if (hasSlashRoute) {
    const location = `${request.scheme}://${request.host}${rawPath}/${query}`;
    return { action: 'redirect', reason: 'REDIRECTED', status: MOVED, location };
  }
  const backend = table.backends.get(table.defaultBackend ?? '');
  if (backend === undefined) return { action: 'respond', reason: 'NO_ROUTE', status: 404 };
  const { target } = request;
  return backend.upstreams.length === 0
    ? { action: 'respond', reason: 'NO_UPSTREAM', status: 503, backend }
    : { action: 'forward', reason: 'DEFAULT_BACKEND', backend, target };
}

function judgeRoute(inquiry: Case, site: Site, route: Route): RequestVerdict {
  const { request, rawPath, query } = inquiry;
  const { policy } = route;
  if (policy.httpsRedirect !== undefined && request.scheme === 'http') {
    const location = `https://${hostName(request.host)}${rawPath}${query}`;
    const status = policy.httpsRedirect;
    return { action: 'redirect', reason: 'REDIRECTED_TO_HTTPS', status, location, site, route };
  }
  if (!isAddressAllowed(policy, request.client)) {
    return { action: 'respond', reason: 'ADDRESS_NOT_ALLOWED', status: 403, site, route };
  }
  const redirect = redirectOf(inquiry, site, route);
  if (redirect !== undefined) {
    return { action: 'redirect', reason: 'REDIRECTED', ...redirect, site, route };
  }
  return forward(inquiry, site, route);
}

function redirectOf(
  { request, path }: Case,
  site: Site,
  route: Route,
): { status: number; location: string } | undefined {
  const { appRoot } = site.policy;
  if (appRoot !== undefined && path === '/') {
    return { status: FOUND, location: `${request.scheme}://${request.host}${appRoot}` };
  }
  const { redirect } = route.policy;
  if (redirect === undefined) return undefined;
  return { status: redirect.status, location: fillVariables(redirect.to, request) };
}

function forward(inquiry: Case, site: Site, route: Route): RequestVerdict {
  const { table, request, draw } = inquiry;
  const { id, isCanary } = chooseBackend(route, request, draw);
  const backend = table.backends.get(id);
  if (backend === undefined || backend.upstreams.length === 0) {
    const instead = table.backends.get(route.policy.errorBackendId ?? '');
    const { target } = request;
    return instead === undefined || instead.upstreams.length === 0
      ? { action: 'respond', reason: 'NO_UPSTREAM', status: 503, site, route, backend }
      : { action: 'forward', reason: 'DEFAULT_BACKEND', site, route, backend: instead, target };
  }
  const reason = isCanary ? 'FORWARDED_TO_CANARY' : 'FORWARDED';
  return { action: 'forward', reason, site, route, backend, target: targetOf(inquiry, route) };
}

function targetOf({ request, path, query }: Case, { policy, match }: Route): string {
  if (policy.rewrite === undefined) return request.target;
  return rewriteTarget(policy.rewrite, match, { path, query });
}
