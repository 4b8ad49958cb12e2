import { Fault } from '../fault/index.ts';

/** Limits of RFC 1035 section 2.3.4, in octets; a name counts its length bytes and the root's. */
export const MAX_LABEL = 63;
export const MAX_NAME = 255;

export const DOT = 0x2e;
export const BACKSLASH = 0x5c;

/** Labels of a name, leftmost first, still escaped; the root has none. */
export function labelsOf(name: string): string[] {
  if (name === '.' || name === '') return [];
  const absolute = name.endsWith('.') && !name.endsWith('\\.') ? name.slice(0, -1) : name;
  if (!absolute.includes('\\')) return absolute.split('.');
  return absolute.match(/(?:\\.|[^.\\])+/gs) ?? [];
}

/** The name with a dot at its end. */
export function absoluteName(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/**
 * The name in lower case: names compare without regard to the case of ASCII letters, and of no others (RFC 4343). Other
 * bytes are escaped in texts, so that this is all there is to it.
 */
export function canonicalName(name: string): string {
  return name.toLowerCase();
}

/** Whether the dot at `at` ends a label; an odd number of backslashes before it makes it a part of one. */
function isSeparator(name: string, at: number): boolean {
  let before = at;
  while (before > 0 && name.charCodeAt(before - 1) === BACKSLASH) before -= 1;
  return name.charCodeAt(at) === DOT && (at - before) % 2 === 0;
}

/** True for `zone` itself and every name below it. Both absolute and in lower case. */
export function isWithin(name: string, zone: string): boolean {
  if (zone === '.') return true;
  if (!name.endsWith(zone)) return false;
  return name.length === zone.length || isSeparator(name, name.length - zone.length - 1);
}

/** The octet of an escape that starts at `index` - above 255 or NaN when it is none - and the characters that follow it. */
export function unescape(
  text: string,
  index: number,
): { readonly code: number; readonly skipped: number } {
  const digits = text.slice(index + 1, index + 4);
  if (/^\d{3}$/.test(digits)) return { code: Number(digits), skipped: 3 };
  return { code: text.charCodeAt(index + 1), skipped: 1 };
}

/**
 * Octets that the name takes in a message, uncompressed; NaN when a label is empty or longer than 63 octets, or when a
 * character is no octet.
 */
export function wireLength(name: string): number {
  if (name === '.') return 1;
  let total = 1;
  let size = 0;
  for (let index = 0; index < name.length; index += 1) {
    let code = name.charCodeAt(index);
    const isEnd = code === DOT;
    if (code === BACKSLASH) {
      const escaped = unescape(name, index);
      code = escaped.code;
      index += escaped.skipped;
    }
    if (!(code <= 0xff)) return Number.NaN;
    if (isEnd ? size === 0 : size === MAX_LABEL) return Number.NaN;
    size = isEnd ? 0 : size + 1;
    // Each octet, and the length of the label before its first one.
    if (!isEnd) total += size === 1 ? 2 : 1;
  }
  return total;
}

/** True when the text can be a name in a message. */
export function isName(name: string): boolean {
  return name !== '' && wireLength(name) <= MAX_NAME;
}

/** @throws Fault `INVALID_DNS_NAME` */
export function invalidName(name: string): Fault {
  return new Fault({
    code: 'INVALID_DNS_NAME',
    message: `${JSON.stringify(name)} is no domain name: labels have 1 to 63 octets, all together at most 255`,
  });
}
