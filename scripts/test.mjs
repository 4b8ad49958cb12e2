// `npm test [-- PATH ... [--test-OPTION ...]]`: set-up, then every suite in order, cheapest first; or only the tests under
// PATH. The last line is `N passed, N failed` over all suites.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cgroups, leftovers } from './leftovers.mjs';
import { node, setUp } from './setup.mjs';
import { fail, root } from './steps.mjs';

/** Every *.test.ts at or below the paths; fixtures are for tests to run, not to be. */
function testFiles(paths) {
  return paths.flatMap((path) => {
    if (!existsSync(join(root, path))) fail(`there is no ${path} in ${root}`);
    if (statSync(join(root, path)).isFile()) return [path];
    return readdirSync(join(root, path), { recursive: true })
      .filter((file) => file.endsWith('.test.ts') && !file.split('/').includes('fixtures'))
      .sort()
      .map((file) => join(path, file));
  });
}

/** One suite: a name and the command that runs it. Tests report their own totals; a tool passes or fails as one. */
function tool(name, program, args) {
  return { name, command: join(root, 'node_modules', '.bin', program), args, hasTotals: false };
}

function tests(name, paths, { concurrency = 1, options = [] } = {}) {
  const files = testFiles(paths);
  if (files.length === 0) fail(`there is no test in ${paths.join(', ')}`);
  const args = [
    '--disable-warning=ExperimentalWarning',
    `--import=${join(root, 'scripts', 'watchdog.mjs')}`,
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-timeout=300000',
    `--test-reporter=${join(root, 'scripts', 'reporter.mjs')}`,
    ...options,
    ...files,
  ];
  return { name, command: node, args, hasTotals: true };
}

function chooseSuites(words) {
  const paths = words.filter((word) => !word.startsWith('-'));
  const options = words.filter((word) => word.startsWith('-'));
  if (paths.length > 0) return [tests('chosen', paths, { concurrency: 2, options })];
  // Two at a time: what waits for the kernel must not starve for a processor.
  return [
    tool('format', 'oxfmt', ['--check']),
    tool('lint', 'oxlint', ['--deny-warnings']),
    tool('types', 'tsc', ['--noEmit']),
    tool('dead code', 'knip', ['--no-progress']),
    tests('house', ['test/house'], { concurrency: 2 }),
    tests('rooms', ['src'], { concurrency: 2 }),
    tests('sessions', ['test/e2e']),
  ];
}

/** What a suite came to; one that ended without totals, or badly in spite of them, failed as a whole. */
function totalsOf(suite, status, reported) {
  if (!suite.hasTotals) return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
  const { passed = 0, failed = 0 } = reported === '' ? {} : JSON.parse(reported);
  return { passed, failed: failed === 0 && status !== 0 ? 1 : failed };
}

function runSuite(suite, temporary) {
  console.log(`\n== ${suite.name}`);
  const started = Date.now();
  const { status, output } = spawnSync(suite.command, suite.args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', TMPDIR: temporary, PORTOLAN_TOTALS: '3' },
  });
  const totals = totalsOf(suite, status, String(output?.[3] ?? ''));
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`== ${suite.name}: ${totals.passed} passed, ${totals.failed} failed in ${seconds} s`);
  return totals;
}

/** As a suite of its own: a test that passes but leaves something behind has not passed. */
function checkLeftovers(temporary, cgroupsBefore) {
  const found = leftovers(temporary, cgroupsBefore);
  console.log('\n== leftovers');
  for (const what of found) console.log(`left behind: ${what}`);
  const failed = found.length === 0 ? 0 : 1;
  console.log(`== leftovers: ${1 - failed} passed, ${failed} failed`);
  return { passed: 1 - failed, failed };
}

setUp('test');
const suites = chooseSuites(process.argv.slice(2));
const cgroupsBefore = cgroups();
// Short: the paths of sockets below it may have 107 bytes.
const temporary = mkdtempSync(join(tmpdir(), 'pt-'));
const all = suites.map((suite) => runSuite(suite, temporary));
all.push(checkLeftovers(temporary, cgroupsBefore));
rmSync(temporary, { recursive: true, force: true });
const sum = (field) => all.reduce((total, totals) => total + totals[field], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 ? 0 : 1);
