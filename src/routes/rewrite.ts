import type { PathMatch, RequestFacts } from './contract.ts';
import { findIn } from './expressions.ts';
import { hostName } from './hosts.ts';
import { escapePath, splitTarget } from './paths.ts';

/** What a request's own path is, normalised, and its query with the question mark. */
interface RewriteSource {
  readonly path: string;
  readonly query: string;
}

/**
 * What to ask the upstream for: `rewrite` with the groups of the route's expression in place of `$1`, `$2`, ... (those
 * that took no part are empty), and the query, behind that of `rewrite` if it has one. Groups are of a decoded path, so
 * they are escaped again in full: `%2525` or `%3F` of a client must not become `%25` or the beginning of a query.
 */
export function rewriteTarget(
  rewrite: string,
  match: PathMatch,
  { path, query }: RewriteSource,
): string {
  const groups = match.kind === 'regex' ? (findIn(match.pattern, path) ?? []) : [];
  const mark = rewrite.indexOf('?');
  const text = rewrite.replace(
    /\$(\d)|[^$]+|\$/gu,
    (part, digit: string | undefined, at: number) => {
      if (digit === undefined) return escapeTemplate(part);
      const group = groups[Number(digit)] ?? '';
      return mark !== -1 && at > mark ? encodeURIComponent(group) : escapePath(group);
    },
  );
  const target = text.startsWith('/') ? text : `/${text}`;
  return mark === -1 || query === '' ? target + query : `${target}&${query.slice(1)}`;
}

/** Escapes that the author has written stay. */
function escapeTemplate(text: string): string {
  return encodeURI(text.toWellFormed()).replaceAll(/%25([0-9a-f]{2})/giu, '%$1');
}

/** nginx's variables that redirects and hash keys commonly use, in their values for a request. */
export function fillVariables(template: string, request: RequestFacts): string {
  const { path, query } = splitTarget(request.target);
  const values = new Map([
    ['request_uri', `${path}${query}`],
    ['uri', path],
    ['args', query.slice(1)],
    ['host', hostName(request.host)],
    ['http_host', request.host],
    ['scheme', request.scheme],
    ['remote_addr', request.client],
  ]);
  return template.replace(/\$\{?([a-z_]+)\}?/gu, (all, name: string) => values.get(name) ?? all);
}
