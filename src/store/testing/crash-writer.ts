/**
 * Writes and deletes objects as fast as it can and prints the outcome of each acknowledged one, until it is killed:
 * `node crash-writer.ts DATABASE ROUND`. A line is `put NAME` or `delete NAME`.
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { keyOf, sample, versionOf } from './samples.ts';

const [path = '', round = '0'] = process.argv.slice(2);
const store = openSqliteStore({ path });
for (let index = 0; ; index += 1) {
  const name = `r${round}-${index}`;
  const made = await store.create(keyOf(name), sample(name, 'x'.repeat(index % 5000)));
  writeSync(1, `put ${name}\n`);
  if (index % 3 !== 0) continue;
  await store.delete(keyOf(name), versionOf(made));
  writeSync(1, `delete ${name}\n`);
}
