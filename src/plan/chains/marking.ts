import type { Expression } from '../../nft/index.ts';
import type { Masquerading } from '../../services/index.ts';
import { setsOf, type PlanFamily } from '../layout.ts';
import { setMark, sourceIn } from '../matching.ts';

/**
 * The rules that mark a packet before its translation. `never`, `always` (row 22) and `off-cluster` (row 23 c):
 *
 *     meta mark set 0x00000000
 *
 *     meta mark set 0x00004000
 *
 *     meta mark set 0x00000000
 *     ip saddr != @pod-cidrs meta mark set 0x00004000
 */
export function markingRules(family: PlanFamily, masquerade: Masquerading): Expression[][] {
  if (masquerade !== 'off-cluster') return [setMark(masquerade === 'always')];
  const { podCIDRs } = setsOf(family);
  return [setMark(false), [...sourceIn(family, podCIDRs, true), ...setMark(true)]];
}
