import { natFlagsText, readNatFlags, writeNatFlags, type NatFlags } from './nat-flags.ts';
import type { ExpressionCodec } from './codec.ts';

const NFTA_MASQ_FLAGS = 1;

/** Rewrites the source to the address of the interface the packet leaves by. */
export interface Masquerade extends NatFlags {
  readonly kind: 'masquerade';
}

export const masquerade: ExpressionCodec<Masquerade> = {
  name: 'masq',
  write: (into, expression) => writeNatFlags(into, NFTA_MASQ_FLAGS, expression),
  read: (attributes) => ({ kind: 'masquerade', ...readNatFlags(attributes, NFTA_MASQ_FLAGS) }),
  print: (expression) => `masquerade${natFlagsText(expression)}`,
};
