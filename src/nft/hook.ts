import type { NftFamily } from './protocol-family.ts';

/** `NF_INET_` hook numbers (linux/netfilter.h). */
const inetHooks = {
  prerouting: 0,
  input: 1,
  forward: 2,
  output: 3,
  postrouting: 4,
  ingress: 5,
} as const;

const arpHooks = { input: 0, output: 1 } as const;
const netdevHooks = { ingress: 0, egress: 1 } as const;

export type HookName = keyof typeof inetHooks | 'egress';

/** Hooks of a family by name; arp and netdev number theirs differently. */
export function hooksOf(family: NftFamily): Readonly<Partial<Record<HookName, number>>> {
  if (family === 'arp') return arpHooks;
  return family === 'netdev' ? netdevHooks : inetHooks;
}

/** Priorities that have a name in nft (linux/netfilter_ipv4.h); smaller runs earlier. */
export const priorities = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
} as const;

/** nft gives these two their name on one hook only. */
const onlyOn: Readonly<Record<string, HookName>> = { dstnat: 'prerouting', srcnat: 'postrouting' };

/** The spelling of `nft list`: a name, a name and an offset of up to 10, or the number. */
export function priorityText(priority: number, hook: HookName): string {
  for (const [name, value] of Object.entries(priorities)) {
    const offset = priority - value;
    if ((onlyOn[name] ?? hook) !== hook || Math.abs(offset) > 10) continue;
    if (offset === 0) return name;
    return `${name} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
  }
  return String(priority);
}
