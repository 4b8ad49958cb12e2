// `npm start`: set-up, then `bin/portolan start` with the arguments after `--`.
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { root } from './steps.mjs';

setUp('run');
const program = join(root, 'bin', 'portolan');
const { status, signal } = spawnSync(program, ['start', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 128 + constants.signals[signal]);
