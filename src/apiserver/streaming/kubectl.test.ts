import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { handleUpgrade } from './handle-upgrade.ts';
import { type LocalApi, startLocalApi } from './testing/local-api.ts';
import { LocalNode } from './testing/local-node.ts';
import {
  type Kubectl,
  kubectls,
  makeHome,
  type Outcome,
  outcomeOf,
  startKubectl,
} from './testing/kubectl.ts';

function checksum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

for (const kubectl of kubectls) {
  describe(`exec and attach with ${kubectl.name}`, { skip: kubectl.skip }, () =>
    commandTests(kubectl),
  );
}

function commandTests(kubectl: Kubectl): void {
  const home = makeHome();
  const node = new LocalNode();
  let api: LocalApi;

  before(async () => {
    api = await startLocalApi(node, handleUpgrade);
  });
  after(async () => {
    await api.close();
    rmSync(home, { recursive: true });
  });

  function run(args: readonly string[], input?: Buffer | string): Promise<Outcome> {
    return outcomeOf(startKubectl(kubectl, { url: api.url, home }, args), input);
  }

  test('passes output, error output and success', async () => {
    const outcome = await run(['exec', 'web', '--', 'sh', '-c', 'echo out; echo err >&2']);
    assert.equal(
      outcome.stderr,
      'Defaulted container "main" out of: main, missing\nerr\n'.slice(
        outcome.stderr.startsWith('Def') ? 0 : 49,
      ),
    );
    assert.equal(outcome.stdout.toString(), 'out\n');
    assert.equal(outcome.code, 0);
  });

  test('passes the exit code', async () => {
    const outcome = await run(['exec', 'web', '-c', 'main', '--', 'sh', '-c', 'exit 42']);
    assert.equal(outcome.code, 42);
    assert.match(outcome.stderr, /command terminated with exit code 42/);
  });

  test('sends 10 MB of input, half-closes it and gets them back whole', async () => {
    const input = randomBytes(10_000_000);
    const outcome = await run(['exec', '-i', 'web', '-c', 'main', '--', 'cat'], input);
    assert.equal(outcome.stderr, '');
    assert.equal(outcome.stdout.length, input.length);
    assert.equal(checksum(outcome.stdout), checksum(input));
  });

  test('cuts no output off at the end of the command', async () => {
    const script = 'head -c 3000000 /dev/zero; echo end >&2; exit 3';
    for (let round = 0; round < 5; round += 1) {
      const outcome = await run(['exec', 'web', '-c', 'main', '--', 'sh', '-c', script]);
      assert.equal(outcome.stdout.length, 3_000_000);
      assert.match(outcome.stderr, /^end\n/);
      assert.equal(outcome.code, 3);
    }
  });

  test('tells an API failure and a command that cannot start', async () => {
    const missing = await run(['exec', 'web', '-c', 'missing', '--', 'true']);
    assert.match(missing.stderr, /containers "missing" not found/);
    assert.equal(missing.code, 1);
    const unknown = await run(['exec', 'web', '-c', 'main', '--', '/no/such/command']);
    assert.match(unknown.stderr, /error executing command in container: spawn .* ENOENT/);
    assert.equal(unknown.code, 1);
  });

  test('ends a command that leaves its input unread', async () => {
    const outcome = await run(
      ['exec', '-i', 'web', '-c', 'main', '--', 'true'],
      randomBytes(20_000_000),
    );
    assert.equal(outcome.stderr, '');
    assert.equal(outcome.code, 0);
  });

  test('runs many commands at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        run(
          ['exec', '-i', 'web', '-c', 'main', '--', 'sh', '-c', 'cat; echo $0', String(index)],
          'in ',
        ),
      ),
    );
    assert.deepEqual(
      outcomes.map(({ stdout }) => stdout.toString()),
      outcomes.map((_, index) => `in ${index}\n`),
    );
  });

  test('attaches to the streams of a running process', async () => {
    const outcome = await run(['attach', '-i', 'web', '-c', 'main'], 'to and fro\n');
    assert.equal(outcome.stdout.toString(), 'to and fro\n');
    assert.equal(outcome.code, 0);
  });

  test('aborts the command when the client is killed', async () => {
    const child = startKubectl(kubectl, { url: api.url, home }, [
      'exec',
      '-i',
      'web',
      '-c',
      'main',
      '--',
      'sh',
      '-c',
      'echo ready; exec sleep 1000',
    ]);
    await new Promise((resolve) => {
      child.stdout.once('data', resolve);
    });
    const started = node.children.at(-1);
    assert.ok(started !== undefined);
    const ended = new Promise((resolve) => {
      started.on('close', (_code, signal) => resolve(signal));
    });
    child.kill('SIGKILL');
    assert.equal(await ended, 'SIGKILL');
  });

  test('passes the size of the terminal', async () => {
    const inner = [
      kubectl.path,
      `--server=${api.url}`,
      'exec',
      '-it',
      'web',
      '-c',
      'main',
      '--',
      'cat',
    ];
    const script = `stty cols 101 rows 33; ${inner.join(' ')}`;
    const child = startKubectl({ ...kubectl, path: 'script' }, { url: api.url, home }, []);
    child.kill();
    const { spawn } = await import('node:child_process');
    const terminal = spawn('script', ['-qec', script, '/dev/null'], {
      env: { ...process.env, HOME: home, KUBECONFIG: join(home, 'none') },
    });
    let seen = '';
    await new Promise<void>((resolve) => {
      terminal.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes('[101x33]')) {
          resolve();
        }
      });
    });
    terminal.stdin.write('\u0004');
    terminal.kill('SIGKILL');
    assert.match(seen, /\[101x33\]/);
  });

  test('copies a folder into the pod and out again', async () => {
    const [source, inside, back] = ['source', 'inside', 'back'].map((name) => join(home, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(source);
    mkdirSync(inside);
    const content = randomBytes(8_000_000);
    writeFileSync(join(source, 'big'), content);
    const into = await run(['cp', source, `default/web:${inside}/copy`, '-c', 'main']);
    assert.equal(into.stderr, '');
    assert.equal(checksum(readFileSync(join(inside, 'copy', 'big'))), checksum(content));
    const out = await run(['cp', `default/web:${inside}/copy`, back, '-c', 'main']);
    assert.equal(out.code, 0);
    assert.equal(checksum(readFileSync(join(back, 'big'))), checksum(content));
  });

  test('leaves nothing open', async () => {
    await Promise.all(api.open);
    assert.equal(api.open.size, 0);
  });
}
