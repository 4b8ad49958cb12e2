// `npm test [-- PATH ...]`: set-up, then every suite in order, cheapest first; or only the tests under PATH.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node, root, setUp } from './setup.mjs';

setUp('test');

const bin = (name) => join(root, 'node_modules', '.bin', name);
const chosen = process.argv.slice(2);

function testFiles(patterns) {
  const list = spawnSync(node, [join(root, 'scripts', 'test-files.mjs'), ...patterns], {
    cwd: root,
    encoding: 'utf8',
  });
  return list.stdout.split('\n').filter((line) => line !== '');
}

/** One suite: a name and the command that runs it. Tests report their own totals; tools pass or fail as one. */
const tool = (name, command, args) => ({ name, command, args, isTool: true });
const tests = (name, patterns, concurrency) => ({
  name,
  command: node,
  args: [
    '--disable-warning=ExperimentalWarning',
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-timeout=300000',
    `--test-reporter=${join(root, 'scripts', 'reporter.mjs')}`,
    ...testFiles(patterns),
  ],
  isTool: false,
});

const suites =
  chosen.length > 0
    ? [tests('chosen', chosen, 2)]
    : [
        tool('format', bin('oxfmt'), ['--check']),
        tool('lint', bin('oxlint'), ['--deny-warnings']),
        tool('types', bin('tsc'), ['--noEmit']),
        tool('dead code', bin('knip'), ['--no-progress']),
        tests('house', ['test/house'], 2),
        tests('rooms', ['src'], 2),
        tests('sessions', ['test/e2e'], 1),
      ];

let failed = 0;
let passed = 0;
for (const suite of suites) {
  const started = Date.now();
  console.log(`\n== ${suite.name}`);
  const { status } = spawnSync(suite.command, suite.args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status === 0) passed += 1;
  else failed += 1;
  console.log(`== ${suite.name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
}
console.log(`\nsuites: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
