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

/** True for `zone` itself and every name below it. Both absolute and in lower case. */
export function isWithin(name: string, zone: string): boolean {
  if (zone === '.') return true;
  if (!name.endsWith(zone)) return false;
  return name.length === zone.length || name.charCodeAt(name.length - zone.length - 1) === DOT;
}

/** Octets that the name takes in a message, uncompressed; NaN when a label is empty or longer than 63 octets. */
export function wireLength(name: string): number {
  let total = 1;
  for (const label of labelsOf(name)) {
    const length = label.includes('\\')
      ? label.replaceAll(/\\(?:\d{3}|.)/gs, '.').length
      : label.length;
    if (length === 0 || length > MAX_LABEL) return Number.NaN;
    total += length + 1;
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
