import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile, replaceFile } from '../../files/index.ts';
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

  /** Durable: what a plugin gave, an address for example, is the pod's after a power cut too. */
  write(uid: string, record: AttachmentRecord): void {
    replaceFile(this.path(uid), JSON.stringify(record), { folderMode: 0o755 });
  }

  /** @returns undefined when the pod is not attached */
  read(uid: string): AttachmentRecord | undefined {
    return readJsonFile(this.path(uid)) as AttachmentRecord | undefined;
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
