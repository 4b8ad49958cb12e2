import { randomInt } from 'node:crypto';

/** Without vowels and look-alikes, as Kubernetes' `rand.SafeEncodeString`: no word can come of it. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters that make a generated name its own. */
export function randomSuffix(length = 5): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** Writes a number in the same alphabet: the way a pod template hash looks. */
export function safeEncode(text: string): string {
  return text.replace(
    /[\s\S]/g,
    (character) => ALPHABET[character.charCodeAt(0) % ALPHABET.length] ?? '',
  );
}
