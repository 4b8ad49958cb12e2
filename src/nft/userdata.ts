/**
 * The private data that nft keeps with rules, sets and elements: runs of one byte type, one byte length, value
 * (libnftnl's udata). The kernel stores it unread; `nft list` shows comments and types from it.
 */
export interface UserdataEntry {
  readonly type: number;
  readonly value: Uint8Array;
}

/** @throws RangeError for a value above 255 bytes, which the length byte cannot say. */
export function encodeUserdata(entries: readonly UserdataEntry[]): Buffer {
  return Buffer.concat(
    entries.map(({ type, value }) => {
      const header = Buffer.alloc(2);
      header.writeUInt8(type, 0);
      header.writeUInt8(value.length, 1);
      return Buffer.concat([header, value]);
    }),
  );
}

export function decodeUserdata(bytes: Buffer): UserdataEntry[] {
  const entries: UserdataEntry[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const end = at + 2 + bytes.readUInt8(at + 1);
    if (end > bytes.length) break;
    entries.push({ type: bytes.readUInt8(at), value: bytes.subarray(at + 2, end) });
    at = end;
  }
  return entries;
}

/** A comment as nft stores it: NUL-terminated, at most 128 bytes of text (`NFTNL_UDATA_COMMENT_MAXLEN`). */
export function commentEntry(type: number, comment: string): UserdataEntry {
  const text = Buffer.from(comment).subarray(0, 127);
  return { type, value: Buffer.concat([text, Buffer.alloc(1)]) };
}

/** The comment among entries, or `undefined`. */
export function readComment(bytes: Buffer | undefined, type: number): string | undefined {
  if (bytes === undefined) return undefined;
  const entry = decodeUserdata(bytes).find((candidate) => candidate.type === type);
  return entry && Buffer.from(entry.value).toString('utf8').replace(/\0.*$/s, '');
}
