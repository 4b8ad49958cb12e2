import type { PathMatch, RequestFacts } from './contract.ts';
import { hostName } from './hosts.ts';
import { splitTarget } from './paths.ts';

/**
 * What to ask the upstream for: `rewrite` with the groups of the route's expression in place of `$1`, `$2`, ...; the
 * query goes along. Groups that took no part are empty.
 */
export function rewriteTarget(rewrite: string, match: PathMatch, path: string): string {
  const groups = match.kind === 'regex' ? (match.pattern.exec(path) ?? []) : [];
  const text = rewrite.replace(/\$(\d)/gu, (_all, digit: string) => groups[Number(digit)] ?? '');
  const encoded = encodeURI(text).replaceAll(/%25([0-9a-f]{2})/giu, '%$1');
  return encoded.startsWith('/') ? encoded : `/${encoded}`;
}

/** nginx's variables that redirects and hash keys commonly use, in their values for a request. */
export function fillVariables(template: string, request: RequestFacts): string {
  const { path, query } = splitTarget(request.target);
  const values: Readonly<Record<string, string>> = {
    request_uri: `${path}${query}`,
    uri: path,
    args: query.slice(1),
    host: hostName(request.host),
    http_host: request.host,
    scheme: request.scheme,
    remote_addr: request.client,
  };
  return template.replace(/\$\{?([a-z_]+)\}?/gu, (all, name: string) => values[name] ?? all);
}
