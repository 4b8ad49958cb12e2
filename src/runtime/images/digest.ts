import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../../fault/index.ts';

/** `sha256:...` of a file's content. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}

export const bufferDigest = (content: Uint8Array): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** @throws Fault `IMAGE_DIGEST_MISMATCH` */
export function requireDigest(what: string, expected: string, actual: string): void {
  if (expected === actual) return;
  throw new Fault({
    code: 'IMAGE_DIGEST_MISMATCH',
    message: `${what} should have the digest ${expected}, its content has ${actual}`,
    advice: 'The content was damaged or changed on its way: fetch it again.',
  });
}
