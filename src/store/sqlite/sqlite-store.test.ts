import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { Fault } from '../../fault/index.ts';
import { describeStore } from '../testing/contract.ts';
import { collect, keyOf, prefix, sample } from '../testing/samples.ts';
import { openSqliteStore } from './sqlite-store.ts';

describeStore('sqlite store', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'portolan-store-'));
  const path = join(directory, 'state', 'store.db');
  let store = openSqliteStore({ path });
  return {
    store,
    async reopen() {
      await store.close();
      store = openSqliteStore({ path });
      return store;
    },
    async dispose() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
});

describe('sqlite file', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'portolan-store-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  function fails(path: string, code: string): void {
    assert.throws(
      () => openSqliteStore({ path }),
      (error) => error instanceof Fault && error.code === code && error.message.includes(path),
    );
  }

  it('opens once at a time', async () => {
    const path = join(directory, 'locked.db');
    const store = openSqliteStore({ path });
    fails(path, 'STORE_LOCKED');
    await store.close();
    await openSqliteStore({ path }).close();
  });

  it('says that a file is not a database', () => {
    const path = join(directory, 'text.db');
    writeFileSync(path, 'this is not a database, and long enough to look like one\n'.repeat(100));
    fails(path, 'STORE_CORRUPT');
  });

  it('says that a database is somebody else’s', () => {
    const path = join(directory, 'other.db');
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE notes (text)');
    other.close();
    fails(path, 'STORE_CORRUPT');
  });

  it('says that a newer version wrote the file', async () => {
    const path = join(directory, 'newer.db');
    await openSqliteStore({ path }).close();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    fails(path, 'STORE_TOO_NEW');
  });

  it('says that the directory cannot be made', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    fails(join(file, 'store.db'), 'STORE_FAILED');
  });

  it('ends a watch that fell behind the window', async () => {
    const store = openSqliteStore({ path: join(directory, 'window.db'), window: 10 });
    const seen = collect(store, { prefix, after: 0 });
    const writes = Array.from({ length: 100 }, (_, index) =>
      store.create(keyOf(`n${index}`), sample('n')),
    );
    await Promise.all(writes);
    await seen.waitForEnd();
    assert.match(String(seen.ends[0]), /too old resource version: 0 \(\d+\)/);
    await store.close();
  });

  it('keeps ten thousand objects in order', async () => {
    const path = join(directory, 'many.db');
    const store = openSqliteStore({ path });
    const names = Array.from({ length: 10_000 }, (_, index) => `n${(index * 7919) % 10_000}`);
    for (const name of names) await store.create(keyOf(name), sample(name));
    await store.close();
    const again = openSqliteStore({ path });
    const { objects } = await again.list({ prefix });
    assert.deepEqual(
      objects.map((object) => object.metadata.name),
      names.sort((one, two) => (one < two ? -1 : 1)),
    );
    await again.close();
  });
});
