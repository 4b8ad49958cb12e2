/**
 * The register file of an nf_tables rule: 64 bytes as sixteen 4-byte registers, `NFT_REG32_00` to `_15`
 * (include/uapi/linux/netfilter/nf_tables.h). The older names 1 to 4 mean 16-byte areas of the same file.
 * A concatenated key is nothing but neighbouring registers, each field aligned to 4 bytes.
 */
const REGISTER_COUNT = 16;

/** `NFT_REG_VERDICT`: an immediate or lookup into it decides the packet. */
export const VERDICT_REGISTER = 0;

const FIRST_REG32 = 8;
const WORDS_PER_OLD_REGISTER = 4;

/** The number to put on the wire for the n-th 4-byte word, written as `nft` does: 16-byte name when one fits. */
export function registerAt(word: number): number {
  return word % WORDS_PER_OLD_REGISTER === 0 && word < REGISTER_COUNT
    ? word / WORDS_PER_OLD_REGISTER + 1
    : FIRST_REG32 + word;
}

/** The 4-byte word (0 to 15) at which a register starts. */
export function wordOf(register: number): number {
  return register >= FIRST_REG32 ? register - FIRST_REG32 : (register - 1) * WORDS_PER_OLD_REGISTER;
}

/** How many 4-byte words a value of `bytes` bytes takes. */
export function wordsFor(bytes: number): number {
  return (bytes + 3) >> 2;
}
