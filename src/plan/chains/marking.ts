import type { Expression } from '../../nft/index.ts';
import type { Masquerading } from '../../services/index.ts';
import { setsOf, type PlanFamily } from '../layout.ts';
import { setMark, sourceIn } from '../matching.ts';
import { MASQUERADE_MARK } from '../settings.ts';

/** The end of the mark's time as a register. */
const NO_MARK = 0;

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
  if (masquerade !== 'off-cluster')
    return [setMark(masquerade === 'always' ? MASQUERADE_MARK : NO_MARK)];
  const { podCIDRs } = setsOf(family);
  return [setMark(NO_MARK), [...sourceIn(family, podCIDRs, true), ...setMark(MASQUERADE_MARK)]];
}
