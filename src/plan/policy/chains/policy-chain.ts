import type { BaseChain, ChainContents, Expression } from '../../../nft/index.ts';
import type { PlanFamily } from '../../layout.ts';
import { POLICY_TABLE } from '../settings.ts';

/** Puts a chain of the policy table together; each rule is the list of its expressions. */
export function policyChain(
  family: PlanFamily,
  name: string,
  rules: readonly (readonly Expression[])[],
  base?: BaseChain,
): ChainContents {
  const table = POLICY_TABLE;
  return {
    chain: { family, table, name, ...(base === undefined ? {} : { base }) },
    rules: rules.map((expressions) => ({ family, table, chain: name, expressions })),
  };
}
