import type { ChainContents } from '../../nft/index.ts';
import { chainNames, type PlanFamily } from '../layout.ts';
import { isTcp } from '../matching.ts';
import { chainOf } from './chain-of.ts';

/** Port unreachable in ICMP (RFC 792) and ICMPv6 (RFC 4443). */
const portUnreachable = { ip: 3, ip6: 4 } as const;

/**
 *     meta l4proto tcp reject with tcp reset
 *     reject
 *
 * Both are "connection refused" to the client. TCP gets a reset because the kernel limits the rate of ICMP errors to
 * each host (icmp_ratelimit in Documentation/networking/ip-sysctl.rst): a client that retries would hang.
 */
export function refuseChain(family: PlanFamily): ChainContents {
  return chainOf(family, chainNames.refuse, [
    [...isTcp, { kind: 'reject', with: 'tcp reset' }],
    [{ kind: 'reject', with: 'icmp', code: portUnreachable[family] }],
  ]);
}
