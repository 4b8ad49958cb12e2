import type { BackendId, Canary, RequestFacts, Route } from './contract.ts';
import { findIn } from './expressions.ts';

/** Gives a number from 0 up to, without, 1. */
export type Draw = () => number;

type Choice = 'always' | 'never' | 'undecided';

/** The value of a cookie of a request, undefined when it sends none of that name. */
export function cookieOf({ headers }: RequestFacts, name: string): string | undefined {
  const prefix = `${name}=`;
  const found = (headers.get('cookie') ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix));
  return found?.slice(prefix.length);
}

/** Where a request of this route goes. */
export function chooseBackend(
  route: Route,
  request: RequestFacts,
  draw: Draw,
): { readonly id: BackendId; readonly isCanary: boolean } {
  const taken = route.canaries.find((canary) => takes(canary, request, draw));
  return taken === undefined
    ? { id: route.backend, isCanary: false }
    : { id: taken.backend, isCanary: true };
}

/** Header before cookie before weight; what decides, decides alone. */
function takes(canary: Canary, request: RequestFacts, draw: Draw): boolean {
  const byHeader = headerChoice(canary, request);
  if (byHeader !== 'undecided') return byHeader === 'always';
  const byCookie = cookieChoice(canary, request);
  if (byCookie !== 'undecided') return byCookie === 'always';
  return canary.weight > 0 && draw() * canary.total < canary.weight;
}

function headerChoice({ header }: Canary, { headers }: RequestFacts): Choice {
  if (header === undefined) return 'undecided';
  const sent = headers.get(header.name);
  if (sent === undefined) return 'undecided';
  if (header.value !== undefined) return sent === header.value ? 'always' : 'undecided';
  if (header.pattern !== undefined)
    return findIn(header.pattern, sent) !== null ? 'always' : 'undecided';
  return alwaysOrNever(sent);
}

function cookieChoice({ cookie }: Canary, request: RequestFacts): Choice {
  return cookie === undefined ? 'undecided' : alwaysOrNever(cookieOf(request, cookie) ?? '');
}

function alwaysOrNever(text: string): Choice {
  return text === 'always' || text === 'never' ? text : 'undecided';
}
