import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Fault, messageOf } from '../../fault/index.ts';

/** `PRAGMA application_id` of our files: "Ptln" in ASCII. */
const applicationId = 0x50_74_6c_6e;
/** `PRAGMA user_version`: the version of the tables below. */
const schemaVersion = 1;

/** Primary result codes of sqlite3.h; extended codes carry them in their low byte. */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

const schema = `
  CREATE TABLE objects (key TEXT PRIMARY KEY, revision INTEGER NOT NULL, value TEXT NOT NULL);
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  INSERT INTO meta VALUES ('revision', 0);
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};`;

/** One stored object. */
export interface Row {
  readonly key: string;
  readonly revision: number;
  readonly value: string;
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** Says what SQLite's failure on `path` means for the reader. */
function explain(error: unknown, path: string): unknown {
  if (error instanceof Fault) return error;
  const code = sqliteCode(error);
  if (code === SQLITE_BUSY)
    return new Fault({
      code: 'STORE_LOCKED',
      message: `the store ${path} is open in another process`,
      advice: 'Stop the other daemon of this cluster first.',
      cause: error,
    });
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB)
    return new Fault({
      code: 'STORE_CORRUPT',
      message: `the store ${path} is damaged: ${messageOf(error)}`,
      advice: 'Restore the file from a copy, or delete the cluster and start it again.',
      cause: error,
    });
  return new Fault({
    code: 'STORE_FAILED',
    message: `the store ${path} failed: ${messageOf(error)}`,
    advice: 'Check that the disk is not full and that the directory is writable.',
    cause: error,
  });
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

function assertOurs(database: DatabaseSync, path: string): void {
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (application !== applicationId)
    throw new Fault({
      code: 'STORE_CORRUPT',
      message: `${path} is not a store of Portolan (application_id ${application})`,
      advice: 'Name another file.',
    });
  if (version > schemaVersion)
    throw new Fault({
      code: 'STORE_TOO_NEW',
      message: `the store ${path} has schema ${version}, this Portolan knows up to ${schemaVersion}`,
      advice: 'Update Portolan, or delete the cluster and start it again.',
    });
}

function isEmpty(database: DatabaseSync): boolean {
  return Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']) === 0;
}

/**
 * Locks the file for this process until it closes or dies, and makes the tables in a new file. WAL with
 * synchronous=NORMAL: a commit is in the operating system's hands when it returns, so it survives the death of this
 * process (a power failure may lose the newest commits, never the file; https://sqlite.org/pragma.html#pragma_synchronous).
 */
function prepareFile(database: DatabaseSync, path: string): void {
  database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE;');
  if (!isEmpty(database)) assertOurs(database, path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE;');
  if (isEmpty(database)) database.exec(schema);
  database.exec('COMMIT');
}

/** The SQLite file under a store: every method is one durable commit, or none. */
export class Database {
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly upsert: StatementSync;
  private readonly erase: StatementSync;
  private readonly note: StatementSync;

  /** @throws Fault `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_FAILED` */
  constructor(path: string) {
    this.path = path;
    this.database = this.open();
    this.upsert = this.database.prepare(
      'INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, value = excluded.value',
    );
    this.erase = this.database.prepare('DELETE FROM objects WHERE key = ?');
    this.note = this.database.prepare("UPDATE meta SET value = ? WHERE name = 'revision'");
  }

  /** The newest revision: of the newest object, or of a deletion after it. */
  revision(): number {
    return this.guarded(() => {
      const row = this.database
        .prepare(
          "SELECT max(value, (SELECT ifnull(max(revision), 0) FROM objects)) AS revision FROM meta WHERE name = 'revision'",
        )
        .get();
      return Number(row?.['revision']);
    });
  }

  rows(): Row[] {
    return this.guarded(() =>
      this.database
        .prepare('SELECT key, revision, value FROM objects ORDER BY key')
        .all()
        .map(({ key, revision, value }) => ({
          key: String(key),
          revision: Number(revision),
          value: String(value),
        })),
    );
  }

  put(key: string, revision: number, value: string): void {
    this.guarded(() => this.upsert.run(key, revision, value));
  }

  /** A deletion leaves no row to carry its revision, so it is noted beside in the same commit. */
  remove(key: string, revision: number): void {
    this.guarded(() => {
      this.database.exec('BEGIN IMMEDIATE');
      try {
        this.erase.run(key);
        this.note.run(revision);
        this.database.exec('COMMIT');
      } catch (error) {
        // SQLite has rolled back by itself when the disk is full; a second time would fail and hide why.
        if (this.database.isTransaction) this.database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  close(): void {
    this.guarded(() => this.database.close());
  }

  private open(): DatabaseSync {
    return this.guarded(() => {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      const database = new DatabaseSync(this.path);
      try {
        prepareFile(database, this.path);
        return database;
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  private guarded<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw explain(error, this.path);
    }
  }
}
