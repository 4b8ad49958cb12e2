import { attributeMap, type AttributeWriter } from '../netlink/index.ts';
import { nameOf, readString, readU32 } from './reading.ts';

const NFTA_DATA_VERDICT = 2;
const NFTA_VERDICT_CODE = 1;
const NFTA_VERDICT_CHAIN = 2;

/** `NF_` verdicts of linux/netfilter.h and `NFT_` verdicts of nf_tables.h. */
const codes = {
  drop: 0,
  accept: 1,
  continue: -1,
  break: -2,
  jump: -3,
  goto: -4,
  return: -5,
} as const;

type Code = keyof typeof codes;

/** What becomes of a packet; `jump` and `goto` name a regular chain of the same table. */
export type Verdict =
  | { readonly code: 'accept' | 'drop' | 'continue' | 'break' | 'return' }
  | { readonly code: 'jump' | 'goto'; readonly chain: string };

/** Writes a verdict inside the `nft_data` attribute that holds it. */
export function writeVerdict(into: AttributeWriter, verdict: Verdict): void {
  into.nested(NFTA_DATA_VERDICT, (inner) => {
    inner.u32be(NFTA_VERDICT_CODE, codes[verdict.code]);
    if ('chain' in verdict) inner.string(NFTA_VERDICT_CHAIN, verdict.chain);
  });
}

/**
 * Reads what {@link writeVerdict} wrote, or `undefined` when the data is no verdict.
 * @throws Fault `NFT_UNKNOWN` for one that nft has no word for
 */
export function readVerdict(data: Buffer): Verdict | undefined {
  const nested = attributeMap(data).get(NFTA_DATA_VERDICT);
  if (nested === undefined) return undefined;
  const attributes = attributeMap(nested);
  const number = readU32(attributes, NFTA_VERDICT_CODE) | 0;
  const code = nameOf<Code>(codes, number);
  if (code === 'jump' || code === 'goto') {
    return { code, chain: readString(attributes, NFTA_VERDICT_CHAIN) };
  }
  return { code };
}

export function verdictText(verdict: Verdict): string {
  return 'chain' in verdict ? `${verdict.code} ${verdict.chain}` : verdict.code;
}
