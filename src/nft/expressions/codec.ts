import type { AttributeWriter } from '../../netlink/index.ts';
import type { Attributes } from '../reading.ts';
import type { RegisterTexts } from '../register-texts.ts';

/** What every file in this folder exports for its kind of expression. */
export interface ExpressionCodec<Kind> {
  /** The kernel's name: NFTA_EXPR_NAME. */
  readonly name: string;
  /** Writes the content of NFTA_EXPR_DATA; absent for a kind that has none. */
  write?(into: AttributeWriter, expression: Kind): void;
  /** Reads it back. @throws Fault `NFT_MALFORMED`, `NFT_UNKNOWN`. */
  read(attributes: Attributes): Kind;
  /**
   * Prints the statement or match that ends with this expression; `undefined` when it only loads a register, which
   * it then notes in `registers`.
   */
  print(expression: Kind, registers: RegisterTexts): string | undefined;
}
