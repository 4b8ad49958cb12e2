import type { Clock } from '../clock/index.ts';
import type { NameWorld } from '../names/index.ts';
import type { ClusterView, Snapshot } from '../snapshot/index.ts';

export interface WorldOptions {
  readonly view: ClusterView;
  readonly clock: Clock;
  readonly hostSearch: readonly string[];
  readonly serverAddresses: readonly string[];
}

/** The newest state of the cluster as the judgement wants it; the same object until something changes. */
export function worldSource(options: WorldOptions): () => NameWorld {
  const { view, clock, hostSearch, serverAddresses } = options;
  let isSynced = false;
  let current: NameWorld | undefined;
  let seen: Snapshot | undefined;
  const watchSync = async (): Promise<void> => {
    await view.synced;
    isSynced = true;
    current = undefined;
  };
  void watchSync();
  return () => {
    const snapshot = view.snapshot();
    if (current === undefined || snapshot !== seen) {
      const serial = Math.floor(clock.now() / 1000);
      current = { snapshot, isSynced, serial, hostSearch, serverAddresses };
      seen = snapshot;
    }
    return current;
  };
}
