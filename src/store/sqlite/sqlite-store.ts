import { Fault } from '../../fault/index.ts';
import type { KubeObject } from '../../kube/index.ts';
import { encode, Entry, parseFrozen } from '../memory/frozen.ts';
import { State } from '../memory/state.ts';
import type { Store, StoreKey } from '../store.ts';
import { Database } from './database.ts';

export interface SqliteStoreOptions {
  /** The database file; it and its directory are made when missing. */
  readonly path: string;
  /** How many events watches and paged lists can go back at least; 10,000 when absent. */
  readonly window?: number;
}

function closedFault(path: string): Fault {
  return new Fault({
    code: 'STORE_CLOSED',
    message: `the store ${path} is closed`,
    advice: 'Start the cluster again.',
  });
}

function load(database: Database, window: number): State {
  const state = new State(database.revision(), window);
  for (const { key, revision, value } of database.rows())
    state.load(key, new Entry(revision, value));
  return state;
}

/**
 * Opens the embedded store: one SQLite file, and in memory an index of all current objects that answers every read.
 * The history for watches and paged lists begins at opening.
 * @throws Fault `STORE_LOCKED` when another process has it open, `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_FAILED`
 */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const database = new Database(options.path);
  const state = load(database, options.window ?? 10_000);
  let closed = false;

  function write(key: StoreKey, object: KubeObject): KubeObject {
    const revision = state.revision + 1;
    const text = encode(object, revision);
    database.put(key, revision, text);
    return state.put(key, text);
  }

  function isCurrent(key: StoreKey, expected: string): boolean {
    return String(state.get(key)?.revision) === expected;
  }

  function assertOpen(): void {
    if (closed) throw closedFault(options.path);
  }

  /** The writes are synchronous underneath: each runs whole, so none can come between a check and its write. */
  async function whileOpen<T>(body: () => T): Promise<T> {
    assertOpen();
    return body();
  }

  return {
    revision: () => whileOpen(() => state.revision),
    get: (key) => whileOpen(() => state.get(key)?.object),
    list: (request) => whileOpen(() => state.list(request)),
    create: (key, object) =>
      whileOpen(() => (state.get(key) === undefined ? write(key, object) : undefined)),
    update: (key, object, expected) =>
      whileOpen(() => (isCurrent(key, expected) ? write(key, object) : undefined)),
    delete: (key, expected, last) =>
      whileOpen(() => {
        const current = state.get(key);
        if (current === undefined || !isCurrent(key, expected)) return undefined;
        const revision = state.revision + 1;
        const final = parseFrozen(encode(last ?? current.object, revision));
        database.remove(key, revision);
        state.remove(key, final);
        return final;
      }),
    watch(request, handlers) {
      assertOpen();
      return state.watch(request, handlers);
    },
    compact: (revision) => whileOpen(() => state.compact(revision)),
    async close() {
      if (closed) return;
      closed = true;
      try {
        database.close();
      } finally {
        state.close(closedFault(options.path));
      }
    },
  };
}
