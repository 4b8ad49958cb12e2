import type { ExpressionCodec } from './codec.ts';

/** Keeps the packet out of connection tracking; raw priority only. */
export interface Notrack {
  readonly kind: 'notrack';
}

export const notrack: ExpressionCodec<Notrack> = {
  name: 'notrack',
  read: () => ({ kind: 'notrack' }),
  print: () => 'notrack',
};
