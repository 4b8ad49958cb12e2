/**
 * Reads a dotted quad into its 32-bit value, or `undefined` when it is none. Octets are decimal without leading
 * zeros: `010` is 8 to some readers and 10 to others, and Kubernetes rejects it for that reason (CVE-2021-29923).
 */
export function parseIPv4(text: string): number | undefined {
  let value = 0;
  let octets = 0;
  let at = 0;
  while (octets < 4) {
    const end = octetEnd(text, at);
    const octet = Number(text.slice(at, end));
    const hasLeadingZero = end - at > 1 && text[at] === '0';
    if (end === at || end - at > 3 || octet > 255 || hasLeadingZero) return undefined;
    value = value * 256 + octet;
    octets += 1;
    if (octets === 4) return end === text.length ? value : undefined;
    if (text[end] !== '.') return undefined;
    at = end + 1;
  }
  return undefined;
}

function octetEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Writes a 32-bit value as a dotted quad. */
export function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
