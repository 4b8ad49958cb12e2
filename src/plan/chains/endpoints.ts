import { registerAt, type ChainContents, type Expression } from '../../nft/index.ts';
import { setsOf, type PlanFamily } from '../layout.ts';
import {
  addressWords,
  loadFrontend,
  setMark,
  sourceIn,
  sourceIsLocal,
  verdict,
} from '../matching.ts';
import { shapeName, type Shape } from '../shape.ts';
import { chainOf } from './chain-of.ts';

/**
 * The chain that all frontends of one shape share. `endpoints-N`, with a random endpoint of N:
 *
 *     dnat ip to ip daddr . meta l4proto . th dport . numgen random mod N map @endpoints
 *
 * `endpoints-N-masquerade-always` (row 22) and `endpoints-N-masquerade-off-cluster` (row 23 c):
 *
 *     meta mark set meta mark | 0x00004000 dnat ip to ip daddr . meta l4proto . th dport . numgen random mod N map @endpoints
 *
 *     ip saddr != @pod-cidrs meta mark set meta mark | 0x00004000
 *     dnat ip to ip daddr . meta l4proto . th dport . numgen random mod N map @endpoints
 *
 * `endpoints-N-local-M` (external policy Local; row 21): pods and the node itself have all N endpoints, the rest of the
 * world M of this node. The last rule is `drop` when there are none (row 4):
 *
 *     ip saddr @pod-cidrs dnat ip to ip daddr . meta l4proto . th dport . numgen random mod N map @endpoints
 *     fib saddr type local meta mark set meta mark | 0x00004000 dnat ip to ip daddr . meta l4proto . th dport . numgen random mod N map @endpoints
 *     dnat ip to ip daddr . meta l4proto . th dport . numgen random mod M offset N map @endpoints
 */
export function endpointsChain(family: PlanFamily, shape: Shape): ChainContents {
  const rules =
    shape.local === undefined
      ? clusterRules(family, shape)
      : localRules(family, shape.count, shape.local);
  return chainOf(family, shapeName(shape), rules);
}

function clusterRules(family: PlanFamily, { count, masquerade }: Shape): Expression[][] {
  const pick = dnat(family, count);
  if (masquerade === 'always') return [[...setMark, ...pick]];
  if (masquerade === 'never') return [pick];
  return [[...sourceIn(family, setsOf(family).podCIDRs, true), ...setMark], pick];
}

function localRules(family: PlanFamily, count: number, local: number): Expression[][] {
  const anywhere = dnat(family, count);
  return [
    [...sourceIn(family, setsOf(family).podCIDRs), ...anywhere],
    [...sourceIsLocal, ...setMark, ...anywhere],
    local === 0 ? [verdict({ code: 'drop' })] : dnat(family, local, count),
  ];
}

/** Picks one of `count` slots at random and translates to the endpoint in it; the answer overwrites the key. */
function dnat(family: PlanFamily, count: number, offset = 0): Expression[] {
  const slot = registerAt(addressWords(family) + 2);
  const { endpoints } = setsOf(family);
  return [
    ...loadFrontend(family),
    {
      kind: 'numgen',
      type: 'random',
      modulus: count,
      ...(offset === 0 ? {} : { offset }),
      into: slot,
    },
    { kind: 'lookup', set: endpoints.name, from: registerAt(0), into: registerAt(0) },
    {
      kind: 'nat',
      type: 'dnat',
      family,
      address: registerAt(0),
      port: registerAt(addressWords(family)),
    },
  ];
}
