import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import { PodVolumes } from '../volumes/volumes.ts';
import { logPath } from './container-spec.ts';
import type { Sandboxes } from './sandbox.ts';

/** What the pods of one node keep on the machine: sandboxes, volumes, logs. */
export class PodStorage {
  readonly sandboxes: Sandboxes;
  private readonly context: NodeContext;

  constructor(context: NodeContext, sandboxes: Sandboxes) {
    this.context = context;
    this.sandboxes = sandboxes;
  }

  volumesOf(pod: Pod): PodVolumes {
    return this.volumes(pod.metadata.uid ?? '');
  }

  private volumes(uid: string): PodVolumes {
    return new PodVolumes(this.context, this.sandboxes.directoryOf(uid));
  }

  /** Removes everything of a pod but its host paths. */
  async remove(pod: Pod): Promise<void> {
    await this.removeLogs(dirname(dirname(logPath(this.context.paths.logs, pod, 'any', 0))));
    await this.removeOne(pod.metadata.uid ?? '');
  }

  private async removeOne(uid: string): Promise<void> {
    await this.sandboxes.remove(uid);
    await this.volumes(uid).remove();
  }

  private removeLogs(directory: string): Promise<void> {
    return rm(directory, { recursive: true, force: true });
  }

  /** Removes what is left of pods that were deleted while no daemon ran. */
  async removeOrphans(isKnown: (uid: string) => boolean): Promise<void> {
    const orphans = (await this.sandboxes.known()).filter((uid) => !isKnown(uid));
    if (orphans.length === 0) return;
    const { logs } = this.context.paths;
    const directories = await readdir(logs).catch(() => []);
    for (const uid of orphans) {
      const names = directories.filter((name) => name.endsWith(`_${uid}`));
      for (const name of names) await this.removeLogs(join(logs, name));
      await this.removeOne(uid);
    }
  }
}
