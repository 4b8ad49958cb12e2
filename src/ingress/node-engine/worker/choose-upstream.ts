import { createHash } from 'node:crypto';
import { cookieOf, splitTarget, hostName } from '../../../routes/index.ts';
import type {
  Backend,
  HashKey,
  RequestFacts,
  RoutePolicy,
  Upstream,
} from '../../../routes/index.ts';
import type { Exchange } from './exchange.ts';
import { upstreamName } from './upstream-pools.ts';

/** Chooses upstreams: by cookie, by hash, or in turn. */
export class UpstreamChooser {
  private readonly turns = new Map<string, number>();

  /** The upstreams of a backend in the order they are to be tried; the first is the choice. */
  order(backend: Backend, policy: Partial<RoutePolicy>, exchange: Exchange): readonly Upstream[] {
    const { upstreams } = backend;
    if (upstreams.length < 2 && policy.affinity === undefined) return upstreams;
    if (policy.affinity !== undefined) return stickyOrder(upstreams, policy.affinity, exchange);
    if (policy.hashBy !== undefined) {
      return rendezvous(upstreams, hashText(policy.hashBy, exchange.facts));
    }
    return this.inTurn(backend);
  }

  private inTurn({ id, upstreams }: Backend): readonly Upstream[] {
    const turn = (this.turns.get(id) ?? -1) + 1;
    const at = turn % upstreams.length;
    this.turns.set(id, at);
    return at === 0 ? upstreams : [...upstreams.slice(at), ...upstreams.slice(0, at)];
  }
}

/** What a cookie says instead of an address. No secret: there are few enough addresses to try them all. */
function nickname(upstream: Upstream): string {
  return createHash('sha256').update(upstreamName(upstream)).digest('hex').slice(0, 32);
}

function stickyOrder(
  upstreams: readonly Upstream[],
  affinity: NonNullable<RoutePolicy['affinity']>,
  exchange: Exchange,
): readonly Upstream[] {
  const cookie = cookieOf(exchange.facts, affinity.name);
  const kept = upstreams.find((upstream) => nickname(upstream) === cookie);
  const ordered =
    kept === undefined
      ? rendezvous(upstreams, exchange.id)
      : [kept, ...upstreams.filter((upstream) => upstream !== kept)];
  const [chosen] = ordered;
  if (kept === undefined && chosen !== undefined) {
    exchange.addCookie(cookieText(nickname(chosen), affinity, exchange));
  }
  return affinity.changeOnFailure || kept === undefined ? ordered : ordered.slice(0, 1);
}

function cookieText(
  value: string,
  { name, path, maxAgeSeconds, sameSite, secure }: NonNullable<RoutePolicy['affinity']>,
  { route, facts }: Exchange,
): string {
  const match = route?.match;
  const routePath = match === undefined || match.kind === 'regex' ? '/' : match.path;
  const parts = [
    `${name}=${value}`,
    `Path=${path ?? routePath}`,
    maxAgeSeconds === undefined ? '' : `Max-Age=${maxAgeSeconds}`,
    sameSite === undefined ? '' : `SameSite=${sameSite}`,
    (secure ?? facts.scheme === 'https') ? 'Secure' : '',
    'HttpOnly',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** Highest random weight (Thaler and Ravishankar): an upstream that comes or goes moves only its own share. */
function rendezvous(upstreams: readonly Upstream[], key: string): readonly Upstream[] {
  return upstreams
    .map((upstream) => ({ upstream, weight: weightOf(upstreamName(upstream), key) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ upstream }) => upstream);
}

function weightOf(name: string, key: string): number {
  return createHash('sha1').update(`${name} ${key}`).digest().readUInt32BE();
}

function hashText(key: HashKey, facts: RequestFacts): string {
  const { path, query } = splitTarget(facts.target);
  const parts = key.map((part) => {
    if ('text' in part) return part.text;
    const name = part.name ?? '';
    switch (part.fact) {
      case 'uri':
        return `${path}${query}`;
      case 'path':
        return path;
      case 'host':
        return hostName(facts.host);
      case 'client':
        return facts.client;
      case 'argument':
        return new URLSearchParams(query).get(name) ?? '';
      case 'cookie':
        return cookieOf(facts, name) ?? '';
      default:
        return facts.headers.get(name) ?? '';
    }
  });
  return parts.join('');
}
