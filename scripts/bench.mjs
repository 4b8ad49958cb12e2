// `npm run bench [-- NAME] [--json]`: set-up, then the benchmarks of bench/.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node, setUp } from './setup.mjs';
import { root } from './steps.mjs';

setUp('test');
const { status } = spawnSync(node, [join(root, 'bench', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_NO_WARNINGS: '1' },
});
process.exit(status ?? 1);
