// Makes what the command line and the daemon load quick to load, when it is not yet: a bundle of the daemon, and Node's
// cache of compiled code. Run by each set-up; nothing here is needed, so what fails is said and no more.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freshBundle } from '../src/cluster/daemon/bundle.ts';
import { say } from './steps.mjs';

const src = join(import.meta.dirname, '..', 'src');
const commands = join(src, 'cli', 'commands');

async function bundle() {
  say('bundling the daemon (again whenever its sources change) ...');
  try {
    const { makeBundle } = await import('./bundle.mjs');
    return join(await makeBundle(), 'run.mjs');
  } catch (error) {
    say(`no bundle, the daemon starts from its sources: ${error.message}`);
    return join(src, 'cluster', 'run.ts');
  }
}

if (freshBundle() === undefined) {
  process.removeAllListeners('warning');
  await import(await bundle());
  await import(join(src, 'cli', 'program.ts'));
  for (const file of readdirSync(commands)) {
    if (!file.endsWith('.test.ts')) await import(join(commands, file));
  }
}
// Some of them keep the process alive; the cache is written as it exits.
process.exit();
