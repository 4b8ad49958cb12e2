import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitUntilGone } from '../../runtime/index.ts';
import { places } from '../directories.ts';
import type { StepEvent } from '../progress.ts';
import { fault, TestHome } from '../testing/home.ts';
import { findDaemon, killDaemon } from './identity.ts';
import { spawnDaemon } from './spawn.ts';

const pipe = JSON.stringify(join(import.meta.dirname, 'start-pipe.ts'));

/** A daemon with the real end of the pipe that does as the text says. */
function fakeDaemon(home: TestHome, text: string): string {
  const path = join(home.path, 'fake.mjs');
  writeFileSync(
    path,
    `import { StartPipe } from ${pipe};
const pipe = new StartPipe(() => process.exit(1));
const live = () => setInterval(() => {}, 1000);
${text}`,
  );
  return path;
}

function ignore(): void {}

test('follows the steps until the cluster is ready, and leaves the daemon', async () => {
  using home = new TestHome();
  const event: StepEvent = { step: 'api', state: 'done', text: 'API server', milliseconds: 3 };
  const program = fakeDaemon(
    home,
    `pipe.tell({ kind: 'step', event: ${JSON.stringify(event)} }); pipe.tell({ kind: 'ready' }); live();`,
  );
  const events: StepEvent[] = [];
  await spawnDaemon(home.cluster(), (one) => events.push(one), { program });
  assert.deepEqual(events, [event]);
  assert.notEqual(findDaemon(home.cluster()), undefined);
  await killDaemon(home.cluster());
});

test('a daemon gets its folders as argument and its log as stderr', async () => {
  using home = new TestHome();
  const program = fakeDaemon(home, `console.error(process.argv[2]); pipe.tell({ kind: 'ready' });`);
  await spawnDaemon(home.cluster(), ignore, { program });
  const daemon = findDaemon(home.cluster());
  if (daemon !== undefined) await waitUntilGone([daemon]);
  const log = readFileSync(places.daemonLog(home.cluster()), 'utf8');
  assert.deepEqual(JSON.parse(log), home.cluster());
});

test('a failure is told in the words of the daemon', async () => {
  using home = new TestHome();
  const faultModule = JSON.stringify(join(import.meta.dirname, '..', '..', 'fault', 'index.ts'));
  const program = fakeDaemon(
    home,
    `const { Fault } = await import(${faultModule});
await pipe.fail(new Fault({ code: 'NO_VETH', message: 'no veth', advice: 'Load it.' }));
process.exit(1);`,
  );
  await assert.rejects(spawnDaemon(home.cluster(), ignore, { program }), {
    code: 'NO_VETH',
    message: 'no veth',
    advice: 'Load it.',
  });
});

test('a daemon that dies without a word shows the last lines of its own log', async () => {
  using home = new TestHome();
  const cluster = home.cluster();
  mkdirSync(cluster.state, { recursive: true });
  appendFileSync(places.daemonLog(cluster), 'of an earlier start\n');
  const program = fakeDaemon(home, `throw new Error('out of luck');`);
  await assert.rejects(spawnDaemon(cluster, ignore, { program }), {
    ...fault('DAEMON_DIED'),
    message:
      /^the daemon ended while it started; the last lines of \S+:\n(?!.*earlier)[^]*Error: out of luck/,
  });
});

test('a daemon that hangs is ended', async () => {
  using home = new TestHome();
  const program = fakeDaemon(home, 'live();');
  const options = { program, limitMs: 50 };
  await assert.rejects(spawnDaemon(home.cluster(), ignore, options), fault('START_TIMEOUT'));
  assert.equal(findDaemon(home.cluster()), undefined);
});

test('a daemon ends when its starter is gone before it is ready', async () => {
  using home = new TestHome();
  const program = fakeDaemon(home, `pipe.tell({ kind: 'step', event: { step: 'x' } }); live();`);
  const starter = `
    import { spawnDaemon } from ${JSON.stringify(join(import.meta.dirname, 'spawn.ts'))};
    await spawnDaemon(${JSON.stringify(home.cluster())}, () => console.log('step'),
      { program: ${JSON.stringify(program)} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const daemon = findDaemon(home.cluster());
  assert.notEqual(daemon, undefined);
  child.kill('SIGINT');
  if (daemon !== undefined) await waitUntilGone([daemon]);
});
