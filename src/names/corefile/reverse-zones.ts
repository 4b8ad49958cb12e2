import { familyBits, parseCidr } from '../../ip/index.ts';

/** Bits of an address that one label of its reverse name stands for. */
const LABEL_BITS = { 4: 8n, 6: 4n } as const;

function zoneOf(value: bigint, labels: number, family: 4 | 6): string {
  const bits = LABEL_BITS[family];
  const mask = (1n << bits) - 1n;
  const texts = Array.from({ length: labels }, (_, label) =>
    ((value >> (BigInt(label) * bits)) & mask).toString(family === 4 ? 10 : 16),
  );
  return [...texts, family === 4 ? 'in-addr.arpa.' : 'ip6.arpa.'].join('.');
}

/**
 * The reverse zones that hold exactly the addresses of a CIDR, as `10.in-addr.arpa.` does those of 10.0.0.0/8; several where
 * the prefix ends inside a label. `undefined` for what is no CIDR.
 */
export function reverseZonesOf(text: string): string[] | undefined {
  const cidr = text.includes('/') ? parseCidr(text) : undefined;
  if (cidr === undefined) return undefined;
  const { family, base, prefixLength } = cidr;
  const bits = Number(LABEL_BITS[family]);
  const labels = Math.ceil(prefixLength / bits);
  const first = base >> BigInt(familyBits(family) - labels * bits);
  const count = 2 ** (labels * bits - prefixLength);
  return Array.from({ length: count }, (_, index) => zoneOf(first + BigInt(index), labels, family));
}
