import { Header } from 'tar';

/** One entry of an archive, honest or not. */
export interface Entry {
  readonly path: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice';
  readonly linkpath?: string;
  readonly content?: string;
  readonly mode?: number;
  readonly uid?: number;
}

const block = 512;

/** A tar archive, entry by entry: the tools would refuse to write some of them. */
export function tarArchive(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(
    ({ content = '', mode = 0o644, uid = 0, type = 'File', ...entry }) => {
      const header = Buffer.alloc(block);
      const size = Buffer.byteLength(content);
      new Header({ ...entry, type, mode, uid, gid: uid, size, mtime: new Date(1e12) }).encode(
        header,
      );
      const body = Buffer.alloc(Math.ceil(size / block) * block);
      body.write(content);
      return [header, body];
    },
  );
  return Buffer.concat([...blocks, Buffer.alloc(2 * block)]);
}
