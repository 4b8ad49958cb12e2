import { renameSync, rmSync } from 'node:fs';
import { errnoOf } from '../../files/index.ts';

/**
 * Puts a directory under its final name in one step. Where another process was first, theirs is as good, and this one is
 * removed: what the name stands for follows from its content.
 */
export function publishDirectory(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const code = errnoOf(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    rmSync(from, { recursive: true, force: true });
  }
}
