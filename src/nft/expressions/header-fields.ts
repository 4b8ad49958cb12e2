import type { DataTypeName } from '../datatype.ts';
import type { NftFamily } from '../protocol-family.ts';
import type { RegisterText } from '../register-texts.ts';

/** The bytes of a header that have a name. */
export interface HeaderField {
  readonly base: 'link' | 'network' | 'transport';
  readonly offset: number;
  readonly length: number;
}

type Named = HeaderField & { readonly text: string; readonly type: DataTypeName };

const ip: readonly Named[] = [
  { base: 'network', offset: 9, length: 1, text: 'ip protocol', type: 'inet_proto' },
  { base: 'network', offset: 12, length: 4, text: 'ip saddr', type: 'ipv4_addr' },
  { base: 'network', offset: 16, length: 4, text: 'ip daddr', type: 'ipv4_addr' },
];

const ip6: readonly Named[] = [
  { base: 'network', offset: 8, length: 16, text: 'ip6 saddr', type: 'ipv6_addr' },
  { base: 'network', offset: 24, length: 16, text: 'ip6 daddr', type: 'ipv6_addr' },
];

const transport: readonly Named[] = [
  { base: 'transport', offset: 0, length: 2, text: 'th sport', type: 'inet_service' },
  { base: 'transport', offset: 2, length: 2, text: 'th dport', type: 'inet_service' },
];

function isField(a: HeaderField, b: HeaderField): boolean {
  return a.base === b.base && a.offset === b.offset && a.length === b.length;
}

/** Names the bytes as nft does; bytes without a name print as nft's raw payload expression. */
export function headerField(field: HeaderField, family: NftFamily): RegisterText {
  const known = [...(family === 'ip6' ? [] : ip), ...(family === 'ip' ? [] : ip6), ...transport];
  const found = known.find((candidate) => isField(candidate, field));
  if (found !== undefined) return { text: found.text, type: found.type };
  const base = { link: 'll', network: 'nh', transport: 'th' }[field.base];
  return { text: `@${base},${field.offset * 8},${field.length * 8}`, bytes: field.length };
}
