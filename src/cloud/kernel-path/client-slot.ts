import { addressToBytes, parseAddress, unmap } from '../../ip/index.ts';

/**
 * Connections are dealt out over so many slots, and the slots over the nodes: 60 divides evenly among 1 to 6 nodes, 10,
 * 12, 15, 20 and 30.
 */
export const SLOTS = 60;
/** Any number will do, so long as kernel and user space have the same. */
export const CLIENT_SEED = 0x13;

/** The slot of a client that always goes to one node: what `jhash ip saddr mod 60 seed 0x13` is in the kernel. */
export function clientSlot(client: string): number {
  const address = parseAddress(client);
  if (address === undefined) return 0;
  const hash = jenkinsHash(addressToBytes(unmap(address)), CLIENT_SEED);
  // reciprocal_scale() of the kernel: the share of the whole range, not the remainder.
  return Number((BigInt(hash) * BigInt(SLOTS)) >> 32n);
}

/** Bob Jenkins' lookup3 over little-endian words, which is the kernel's jhash(). @param bytes a multiple of 4 */
function jenkinsHash(bytes: Buffer, seed: number): number {
  const start = (0xdeadbeef + bytes.length + seed) | 0;
  const state = new Int32Array([start, start, start]);
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    absorb(state, bytes.subarray(at, at + 12));
    mix(state);
  }
  absorb(state, bytes.subarray(at));
  finish(state);
  return word(state, 2) >>> 0;
}

function word(state: Int32Array, index: number): number {
  return state[index % 3] ?? 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function absorb(state: Int32Array, bytes: Buffer): void {
  for (let index = 0; index * 4 < bytes.length; index += 1) {
    state[index] = word(state, index) + bytes.readInt32LE(index * 4);
  }
}

/** Words take turns: a, b, c, and round again. Int32Array keeps sums to 32 bits. */
function mix(state: Int32Array): void {
  for (const [turn, bits] of [4, 6, 8, 16, 19, 4].entries()) {
    const [own, next, last] = [turn % 3, (turn + 1) % 3, (turn + 2) % 3];
    state[own] = (word(state, own) - word(state, last)) ^ rotate(word(state, last), bits);
    state[last] = word(state, last) + word(state, next);
  }
}

/** Words take turns: c, a, b, and round again. */
function finish(state: Int32Array): void {
  for (const [turn, bits] of [14, 11, 25, 16, 4, 14, 24].entries()) {
    const [own, before] = [(turn + 2) % 3, (turn + 1) % 3];
    state[own] = (word(state, own) ^ word(state, before)) - rotate(word(state, before), bits);
  }
}
