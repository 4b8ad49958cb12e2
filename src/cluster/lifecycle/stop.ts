import { Fault } from '../../fault/index.ts';
import { askDaemon } from '../daemon/control.ts';
import { findDaemon } from '../daemon/identity.ts';
import type { ClusterDirectories } from '../directories.ts';
import { withLock } from '../lock.ts';
import { readableRecord, writeRecord } from '../record.ts';

/** Pods get two seconds; whatever takes longer than this is killed. */
const STOP_LIMIT_MS = 15_000;

/** Asks the daemon to end its pods in their own time; what it leaves undone, or all if it hangs, the purge ends. */
async function askToStop(directories: ClusterDirectories): Promise<void> {
  try {
    await askDaemon(directories, 'POST', '/stop', STOP_LIMIT_MS);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}

/** Ends the pods, the daemon and the network; the state stays. @returns false when nothing ran. */
export async function stopCluster(directories: ClusterDirectories): Promise<boolean> {
  return withLock(directories, async () => {
    const wasRunning = findDaemon(directories) !== undefined;
    const [{ createKernel }, { purgeRunning }] = await Promise.all([
      import('../../kernel/index.ts'),
      import('../purge.ts'),
      ...(wasRunning ? [askToStop(directories)] : []),
    ]);
    await purgeRunning(createKernel(), directories);
    const record = readableRecord(directories);
    if (record !== undefined) {
      const { networkBoot: _gone, ...rest } = record;
      writeRecord(directories, rest);
    }
    return wasRunning;
  });
}
