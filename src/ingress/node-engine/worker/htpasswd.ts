import { createHash, timingSafeEqual } from 'node:crypto';
import { cryptPassword } from '../../../kernel/index.ts';

/** How often Apache's MD5 goes around. */
const ROUNDS = 1000;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Whether a password is the one of an htpasswd entry: apr1, SHA, SSHA, PLAIN, and whatever crypt(3) knows. */
export function isPassword(password: string, entry: string): boolean {
  if (entry.startsWith('$apr1$')) return isEqual(apr1(password, entry.split('$')[2] ?? ''), entry);
  if (entry.startsWith('{SHA}')) {
    return isEqual(`{SHA}${createHash('sha1').update(password).digest('base64')}`, entry);
  }
  if (entry.startsWith('{SSHA}')) return isSaltedSha(password, entry.slice('{SSHA}'.length));
  if (entry.startsWith('{PLAIN}')) return isEqual(`{PLAIN}${password}`, entry);
  const made = cryptPassword(password, entry);
  return made !== undefined && isEqual(made, entry);
}

/** Compares in a time that does not tell where the difference is. */
export function isEqual(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function isSaltedSha(password: string, text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  const made = createHash('sha1').update(password).update(bytes.subarray(20)).digest();
  return bytes.length > 20 && timingSafeEqual(made, bytes.subarray(0, 20));
}

/** Apache's variant of MD5 crypt: 1,000 rounds over password, salt and the digest before. */
function apr1(password: string, salt: string): string {
  const secret = Buffer.from(password);
  const seasoning = Buffer.from(salt.slice(0, 8));
  const inner = md5(secret, seasoning, secret);
  const first: Buffer[] = [secret, Buffer.from('$apr1$'), seasoning];
  for (let left = secret.length; left > 0; left -= 16)
    first.push(inner.subarray(0, Math.min(left, 16)));
  for (let bits = secret.length; bits > 0; bits >>= 1) {
    first.push((bits & 1) === 1 ? Buffer.alloc(1) : secret.subarray(0, 1));
  }
  let digest: Buffer = md5(...first);
  for (let round = 0; round < ROUNDS; round += 1) {
    const isOdd = (round & 1) === 1;
    const parts: Buffer[] = [isOdd ? secret : digest];
    if (round % 3 !== 0) parts.push(seasoning);
    if (round % 7 !== 0) parts.push(secret);
    parts.push(isOdd ? digest : secret);
    digest = md5(...parts);
  }
  return `$apr1$${salt.slice(0, 8)}$${encode(digest)}`;
}

function md5(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** crypt's order of the bytes, six bits a character. */
function encode(digest: Buffer): string {
  const byte = (at: number): number => digest[at] ?? 0;
  const triples = [0, 1, 2, 3, 4].map(
    (at) => (byte(at) << 16) | (byte(at + 6) << 8) | byte(at === 4 ? 5 : at + 12),
  );
  return [...triples.map((value) => sixBits(value, 4)), sixBits(byte(11), 2)].join('');
}

function sixBits(value: number, count: number): string {
  return Array.from({ length: count }, (_, at) => ALPHABET[(value >> (at * 6)) & 0x3f]).join('');
}
