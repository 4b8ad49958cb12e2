import { randomInt } from 'node:crypto';

/** `apimachinery/pkg/util/rand`: no vowels, and none of 0, 1 and 3, so that no name spells a word. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
/** A DNS label, less the suffix (`apiserver/pkg/storage/names`). */
const longestPrefix = 63 - suffixLength;

/** Completes `metadata.generateName` with five random characters. */
export function generateName(prefix: string): string {
  const suffix = Array.from({ length: suffixLength }, () =>
    alphabet.charAt(randomInt(alphabet.length)),
  );
  return prefix.slice(0, longestPrefix) + suffix.join('');
}
