import type { BaseChain, ChainContents, Expression } from '../../nft/index.ts';
import type { PlanFamily } from '../layout.ts';
import { TABLE } from '../settings.ts';

/** Puts a chain of our table together; each rule is the list of its expressions. */
export function chainOf(
  family: PlanFamily,
  name: string,
  rules: readonly (readonly Expression[])[],
  base?: BaseChain,
): ChainContents {
  return {
    chain: { family, table: TABLE, name, ...(base === undefined ? {} : { base }) },
    rules: rules.map((expressions) => ({ family, table: TABLE, chain: name, expressions })),
  };
}
