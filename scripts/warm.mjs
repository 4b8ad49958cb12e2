// Loads what the command line and the daemon load, so that Node's cache of compiled code has it: run once by set-up.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const src = join(import.meta.dirname, '..', 'src');
const commands = join(src, 'cli', 'commands');

process.removeAllListeners('warning');
await import(join(src, 'cluster', 'run.ts'));
await import(join(src, 'cli', 'program.ts'));
for (const file of readdirSync(commands)) {
  if (!file.endsWith('.test.ts')) await import(join(commands, file));
}
// Some of them keep the process alive; the cache is written as it exits.
process.exit();
