import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CniResult, NetworkList } from '../../cni/index.ts';
import type { Attachment } from './plugin-chain.ts';

/** What DEL and CHECK have to be told of an ADD. */
export interface AttachmentRecord {
  /** The network as it was then: a changed file does not change how a pod is taken off. */
  readonly list: NetworkList;
  readonly attachment: Attachment;
  /** Absent while ADD runs, and when it failed. */
  readonly result?: CniResult;
}

const SUFFIX = '.json';

/** Keeps what was attached, one file a pod: it must outlive the daemon, or nobody could take the pod off again. */
export class Attachments {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  private path(uid: string): string {
    return join(this.directory, `${uid}${SUFFIX}`);
  }

  async write(uid: string, record: AttachmentRecord): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const temporary = `${this.path(uid)}.tmp`;
    await writeFile(temporary, JSON.stringify(record));
    await rename(temporary, this.path(uid));
  }

  /** @returns undefined when the pod is not attached */
  async read(uid: string): Promise<AttachmentRecord | undefined> {
    if (!existsSync(this.path(uid))) return undefined;
    return JSON.parse(await readFile(this.path(uid), 'utf8')) as AttachmentRecord;
  }

  async remove(uid: string): Promise<void> {
    await rm(this.path(uid), { force: true });
  }

  /** The uids of all pods that are, or may be, attached. */
  async list(): Promise<string[]> {
    if (!existsSync(this.directory)) return [];
    const names = await readdir(this.directory);
    return names
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length))
      .sort();
  }
}
