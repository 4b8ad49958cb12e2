import type { Route, Site } from './contract.ts';
import { matchesPath } from './paths.ts';

/** Positions of a site's routes by what can be looked up; the rest is tried one by one. */
interface SiteIndex {
  readonly exact: ReadonlyMap<string, number>;
  /** Without trailing slash. */
  readonly prefixes: ReadonlyMap<string, number>;
  readonly others: readonly number[];
}

const indexes = new WeakMap<Site, SiteIndex>();

/** Made at a site's first request, kept for as long as the site is. */
function indexOf(site: Site): SiteIndex {
  const known = indexes.get(site);
  if (known !== undefined) return known;
  const exact = new Map<string, number>();
  const prefixes = new Map<string, number>();
  const others: number[] = [];
  for (const [position, { match }] of site.routes.entries()) {
    if (match.kind === 'exact') keepFirst(exact, match.path, position);
    else if (match.kind === 'prefix') keepFirst(prefixes, bare(match.path), position);
    else others.push(position);
  }
  const made = { exact, prefixes, others };
  indexes.set(site, made);
  return made;
}

function keepFirst(map: Map<string, number>, key: string, position: number): void {
  if (!map.has(key)) map.set(key, position);
}

function bare(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The route of a site that a normalised path gets: the first in precedence that matches. */
export function routeFor(site: Site, path: string): Route | undefined {
  const { exact, prefixes, others } = indexOf(site);
  let best = exact.get(path) ?? site.routes.length;
  if (prefixes.size > 0) best = Math.min(best, longestPrefix(prefixes, path) ?? best);
  for (const position of others) {
    if (position >= best) break;
    const route = site.routes[position];
    if (route !== undefined && matchesPath(route.match, path)) best = position;
  }
  return site.routes[best];
}

/** Cuts elements off the end of the path until one is known: the longest, so the first in precedence. */
function longestPrefix(prefixes: ReadonlyMap<string, number>, path: string): number | undefined {
  let end = path.length;
  while (end > 0) {
    const found = prefixes.get(path.slice(0, end));
    if (found !== undefined) return found;
    end = path.lastIndexOf('/', end - 1);
  }
  return prefixes.get('');
}
