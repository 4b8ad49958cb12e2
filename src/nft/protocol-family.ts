/** The families a table can have, with their `NFPROTO_` numbers (include/uapi/linux/netfilter.h). */
export const familyNumbers = {
  inet: 1,
  ip: 2,
  arp: 3,
  netdev: 5,
  bridge: 7,
  ip6: 10,
} as const;

/** `ip` is IPv4, `ip6` is IPv6, `inet` both. */
export type NftFamily = keyof typeof familyNumbers;

/** The name of an `NFPROTO_` number, or `undefined` for one that nft does not list. */
export function familyName(number: number): NftFamily | undefined {
  const found = Object.entries(familyNumbers).find(([, value]) => value === number);
  return found?.[0] as NftFamily | undefined;
}
