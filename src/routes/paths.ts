import type { PathMatch } from './contract.ts';
import { findIn } from './expressions.ts';

/** Path and query of a request target, each as sent; the query with its question mark. */
export interface TargetParts {
  readonly path: string;
  readonly query: string;
}

/** Splits what stands in a request line; an absolute form loses scheme and authority. */
export function splitTarget(target: string): TargetParts {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/iu.exec(target)?.[0].length ?? 0;
  const rest = target.slice(authority);
  const hash = rest.indexOf('#');
  const plain = hash === -1 ? rest : rest.slice(0, hash);
  const mark = plain.indexOf('?');
  const path = mark === -1 ? plain : plain.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark === -1 ? '' : plain.slice(mark) };
}

/**
 * The path that routes are compared with: decoded, `.` and `..` resolved, runs of slashes one slash, as nginx does it.
 * Undefined when it is no path: a bad escape, a NUL, or `..` above the root.
 */
export function normalisePath(path: string): string | undefined {
  if (!path.startsWith('/')) return undefined;
  const isPlain = !path.includes('%') && !path.includes('//') && !path.includes('/.');
  const decoded = isPlain ? path : decode(path);
  if (decoded === undefined || decoded.includes('\0')) return undefined;
  if (isPlain) return decoded;
  const kept: string[] = [];
  const parts = decoded.split('/').slice(1);
  const last = parts.at(-1) ?? '';
  for (const part of parts) {
    if (part === '..' && kept.pop() === undefined) return undefined;
    if (part !== '' && part !== '.' && part !== '..') kept.push(part);
  }
  const endsInSlash = last === '' || last === '.' || last === '..';
  return `/${kept.join('/')}${endsInSlash && kept.length > 0 ? '/' : ''}`;
}

/** Bytes that are no UTF-8 become lone surrogates, as in Python's PEP 383: no rule has them, and none gets lost. */
const LONE = 0xdc00;

function decode(path: string): string | undefined {
  if (/%(?![0-9a-f]{2})/iu.test(path)) return undefined;
  return path.replace(/%[0-7][0-9a-f]|(?:%[89a-f][0-9a-f])+/giu, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes.replace(/%(..)/gu, (_escape, digits: string) =>
        String.fromCharCode(LONE + Number.parseInt(digits, 16)),
      );
    }
  });
}

/** A part of a normalised path, as it has to stand in a request's target: what {@link normalisePath} decoded is escaped. */
export function escapePath(text: string): string {
  return text.replace(/./gsu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code >= LONE + 0x80 && code <= LONE + 0xff) return `%${(code - LONE).toString(16)}`;
    return character === '?' || character === '#'
      ? encodeURIComponent(character)
      : encodeURI(character);
  });
}

/** Whether a normalised path is meant. */
export function matchesPath(match: PathMatch, path: string): boolean {
  switch (match.kind) {
    case 'exact':
      return path === match.path;
    case 'prefix':
      return matchesElements(match.path, path);
    case 'regex':
      return findIn(match.pattern, path) !== null;
    default:
      return path.startsWith(match.path);
  }
}

/** `/foo` and `/foo/` match `/foo`, `/foo/` and `/foo/bar`; `/` matches everything. */
function matchesElements(prefix: string, path: string): boolean {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return path.startsWith(bare) && (path.length === bare.length || path[bare.length] === '/');
}

/** Text whose length decides which of two matches goes first. */
export function matchText(match: PathMatch): string {
  return match.kind === 'regex' ? match.source : match.path;
}

const ranks = { exact: 0, regex: 1, prefix: 2, text: 3 } as const;

/** Order of precedence: the longest first, among equals the exact one (Ingress documentation, "Multiple matches"). */
export function comparePrecedence(a: PathMatch, b: PathMatch): number {
  return lengthOf(b) - lengthOf(a) || ranks[a.kind] - ranks[b.kind];
}

/** A trailing slash means nothing to a prefix. */
function lengthOf(match: PathMatch): number {
  const text = matchText(match);
  return match.kind === 'prefix' && text.endsWith('/') ? text.length - 1 : text.length;
}

/** Equal for two matches that claim the same requests, so that only one of them can have them. */
export function matchKey(match: PathMatch): string {
  return `${match.kind} ${matchText(match).slice(0, lengthOf(match))}`;
}
