import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ClusterDirectories } from '../directories.ts';
import { withLock } from '../lock.ts';
import { readableRecord } from '../record.ts';

/** The folder of all clusters, when this was the last. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error;
  }
}

/**
 * Removes a cluster and its context, whatever state it is in. The files go last: what fails before is done by the next
 * delete. @returns false when there was none.
 */
export async function deleteCluster(directories: ClusterDirectories): Promise<boolean> {
  const { createKernel, leaveContext, purgeRunning } = {
    ...(await import('../../kernel/index.ts')),
    ...(await import('../contexts.ts')),
    ...(await import('../purge.ts')),
  };
  return withLock(directories, async () => {
    const existed = existsSync(directories.state) || existsSync(directories.run);
    const record = readableRecord(directories);
    await purgeRunning(createKernel(), directories);
    if (record !== undefined) await leaveContext(directories, record);
    rmSync(directories.state, { recursive: true, force: true });
    removeIfEmpty(dirname(directories.state));
    return existed;
  });
}
