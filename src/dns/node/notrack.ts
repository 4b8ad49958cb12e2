import {
  priorities,
  registerAt,
  type ChainContents,
  type Expression,
  type Ruleset,
} from '../../nft/index.ts';
import { addressToBytes, requireAddress } from '../../ip/index.ts';

/** The table of this room, one in `ip` and one in `ip6`. */
export const DNS_TABLE = 'portolan-dns';
const DNS_PORT = Buffer.from([0, 53]);
const protocols = { udp: 17, tcp: 6 } as const;

/** Offsets of addresses in the IPv4 (RFC 791) and IPv6 (RFC 8200) headers. */
const headers = {
  ip: { saddr: 12, daddr: 16, length: 4 },
  ip6: { saddr: 8, daddr: 24, length: 16 },
} as const;

type Family = keyof typeof headers;
type End = 'saddr' | 'daddr';

function equals(data: Buffer): Expression {
  return { kind: 'cmp', from: registerAt(0), operator: '==', data };
}

/** `ip daddr ADDRESS meta l4proto PROTOCOL th dport 53 notrack`, or the same of the sender. */
function exempt(family: Family, address: Buffer, end: End, protocol: number): Expression[] {
  const { length, [end]: offset } = headers[family];
  const into = registerAt(0);
  return [
    { kind: 'payload', base: 'network', offset, length, into },
    equals(address),
    { kind: 'meta', key: 'l4proto', into },
    equals(Buffer.from([protocol])),
    { kind: 'payload', base: 'transport', offset: end === 'saddr' ? 0 : 2, length: 2, into },
    equals(DNS_PORT),
    { kind: 'notrack' },
  ];
}

function chainOf(
  family: Family,
  hook: 'prerouting' | 'output',
  addresses: readonly Buffer[],
): ChainContents {
  const ends = ['daddr', 'saddr'] as const;
  const rules = addresses.flatMap((address) =>
    ends.flatMap((end) =>
      Object.values(protocols).map((protocol) => exempt(family, address, end, protocol)),
    ),
  );
  return {
    chain: {
      family,
      table: DNS_TABLE,
      name: hook,
      base: { type: 'filter', hook, priority: priorities.raw, policy: 'accept' },
    },
    rules: rules.map((expressions) => ({ family, table: DNS_TABLE, chain: hook, expressions })),
  };
}

/**
 * Keeps DNS to and from these addresses out of connection tracking. Without an entry there is no race for one - the cause
 * of five-second delays (kubernetes/kubernetes#56903) - and no NAT: what is addressed to the Service stays on the node.
 */
export function notrackRuleset(addresses: readonly string[]): Ruleset {
  const parsed = addresses.map(requireAddress);
  return (['ip', 'ip6'] as const).flatMap((family) => {
    const own = parsed
      .filter((address) => address.family === (family === 'ip' ? 4 : 6))
      .map(addressToBytes);
    if (own.length === 0) return [];
    return {
      table: { family, name: DNS_TABLE },
      counters: [],
      sets: [],
      chains: [chainOf(family, 'prerouting', own), chainOf(family, 'output', own)],
    };
  });
}
