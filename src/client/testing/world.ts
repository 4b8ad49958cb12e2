import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../../clock/index.ts';
import { openSqliteStore, type Store } from '../../store/index.ts';
import { createInformerSet, type InformerSet } from '../informers/informer-set.ts';
import { StoreClient } from './store-client.ts';

/** A store, a client of it and a clock that stands still, for one test. */
export interface World {
  readonly store: Store;
  readonly client: StoreClient;
  readonly clock: FakeClock;
  readonly informers: InformerSet;
  /** What informers and others reported. */
  readonly errors: unknown[];
  /** Lets everything in flight happen until `condition` holds. @throws with `what` after 1,000 turns */
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

export function createWorld(): World {
  const directory = mkdtempSync(join(tmpdir(), 'portolan-world-'));
  const store = openSqliteStore({ path: join(directory, 'store.db') });
  const clock = new FakeClock();
  const client = new StoreClient(store, clock);
  const errors: unknown[] = [];
  const informers = createInformerSet(client, { clock, onError: (error) => errors.push(error) });
  return {
    store,
    client,
    clock,
    informers,
    errors,
    async until(what, condition) {
      for (let turn = 0; turn < 1000; turn += 1) {
        if (await condition()) return;
        await clock.advance(0);
      }
      throw new Error(`never happened: ${what}; errors: ${errors.map(String).join('; ')}`);
    },
    async close() {
      informers.close();
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
}
