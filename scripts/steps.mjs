// What the parts of set-up share.
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** What cannot be made or fetched twice is kept here. */
export const cache = join(root, '.cache');

/** To stderr: stdout is the started command's. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @returns {never} */
export function fail(text) {
  say(`portolan: ${text}`);
  process.exit(1);
}

/** Runs a program in the repository, its output on stderr. @returns whether it succeeded */
export function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...environment },
  });
  return error === undefined && status === 0;
}

/** Runs the npm that runs us, else the one on the PATH. */
export function runNpm(args) {
  const program = process.env.npm_execpath ?? '';
  return basename(program).startsWith('npm')
    ? run(process.execPath, [program, ...args])
    : run('npm', args);
}
