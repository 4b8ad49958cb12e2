// `npm start`: set-up, then `bin/portolan start` with the arguments after `--`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp('run');
const { status } = spawnSync(join(root, 'bin', 'portolan'), ['start', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
