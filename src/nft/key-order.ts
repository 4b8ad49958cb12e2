/** The key after `key`, counted as one big-endian number; `undefined` after the last. */
export function successor(key: Buffer): Buffer | undefined {
  const next = Buffer.from(key);
  for (let at = next.length - 1; at >= 0; at -= 1) {
    next[at] = ((next[at] ?? 0) + 1) & 255;
    if (next[at] !== 0) return next;
  }
  return undefined;
}

/** The key before `key`; before nothing stands the last key of `length` bytes. */
export function predecessor(key: Buffer | undefined, length: number): Buffer {
  if (key === undefined) return Buffer.alloc(length, 255);
  const previous = Buffer.from(key);
  for (let at = previous.length - 1; at >= 0; at -= 1) {
    previous[at] = ((previous[at] ?? 0) + 255) & 255;
    if (previous[at] !== 255) break;
  }
  return previous;
}
