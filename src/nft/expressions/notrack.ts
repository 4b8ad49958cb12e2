import type { ExpressionCodec } from './codec.ts';

/** Keeps the packet out of connection tracking; raw priority only. */
export interface Notrack {
  readonly kind: 'notrack';
}

export const notrack: ExpressionCodec<Notrack> = {
  name: 'notrack',
  write: () => undefined,
  read: () => ({ kind: 'notrack' }),
  print: () => 'notrack',
};
