import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { handleUpgrade } from './handle-upgrade.ts';
import {
  closeSession,
  type Kubectl,
  kubectls,
  openSession,
  type Outcome,
  outcomeOf,
  type Session,
  startKubectl,
  startOnTerminal,
  waitFor,
} from './testing/kubectl.ts';
import { type LocalApi, startLocalApi } from './testing/local-api.ts';
import { LocalNode } from './testing/local-node.ts';
import { makeKeyPair } from './testing/tls.ts';

const main = ['web', '-c', 'main'];

/** Resolves when the value has not changed for a while. */
async function untilStill(value: () => number): Promise<void> {
  let last = Number.NaN;
  for (let same = 0; same < 10; same += 1) {
    if (value() !== last) {
      last = value();
      same = 0;
    }
    await setTimeout(10);
  }
}

function checksum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const folder = mkdtempSync(join(tmpdir(), 'portolan-tls-'));
after(() => rmSync(folder, { recursive: true }));

for (const kubectl of kubectls) {
  describe(`commands through ${kubectl.name}`, { skip: kubectl.skip }, () => testCommands(kubectl));
}

function testCommands(kubectl: Kubectl): void {
  const node = new LocalNode();
  let api: LocalApi;
  let session: Session;

  before(async () => {
    api = await startLocalApi(node, handleUpgrade, makeKeyPair(folder));
    session = openSession(kubectl, api.url);
  });
  after(async () => {
    await api.close();
    closeSession(session);
  });

  function run(args: readonly string[], input?: Buffer | string): Promise<Outcome> {
    return outcomeOf(startKubectl(session, args), input);
  }

  function runScript(script: string): Promise<Outcome> {
    return run(['exec', ...main, '--', 'sh', '-c', script]);
  }

  test('passes output and error output apart, and success', async () => {
    const outcome = await runScript('echo out; echo err >&2');
    assert.equal(outcome.stdout.toString(), 'out\n');
    assert.equal(outcome.stderr, 'err\n');
    assert.equal(outcome.code, 0);
  });

  test(`is spoken to in ${kubectl.protocol}`, () => {
    assert.deepEqual([...api.protocols], [kubectl.protocol]);
  });

  test('passes the exit code', async () => {
    const outcome = await runScript('exit 42');
    assert.equal(outcome.stderr, 'command terminated with exit code 42\n');
    assert.equal(outcome.code, 42);
  });

  test('takes 10 MB of input to its end and gives them back whole', async () => {
    const input = randomBytes(10_000_000);
    const outcome = await run(['exec', '-i', ...main, '--', 'cat'], input);
    assert.equal(outcome.stderr, '');
    assert.equal(checksum(outcome.stdout), checksum(input));
  });

  test('cuts off no output at the end of the command', async () => {
    for (let round = 0; round < 5; round += 1) {
      const outcome = await runScript('head -c 3000000 /dev/zero; echo end >&2; exit 3');
      assert.equal(outcome.stdout.length, 3_000_000);
      assert.equal(outcome.stderr, 'end\ncommand terminated with exit code 3\n');
    }
  });

  test('keeps the output of an ended command for a client that reads late', async () => {
    const next = node.nextCommand();
    const args = ['exec', ...main, '--', 'head', '-c', '300000', '/dev/zero'];
    const client = startKubectl(session, args);
    await once(await next, 'close');
    assert.equal((await outcomeOf(client)).stdout.length, 300_000);
  });

  test('tells an API failure and a command that cannot start', async () => {
    const missing = await run(['exec', 'web', '-c', 'missing', '--', 'true']);
    assert.match(missing.stderr, /containers "missing" not found/);
    assert.equal(missing.code, 1);
    const unknown = await run(['exec', ...main, '--', '/no/such/command']);
    assert.match(unknown.stderr, /error executing command in container: spawn .* ENOENT/);
    assert.equal(unknown.code, 1);
  });

  test('ends a command that leaves its input unread', async () => {
    const outcome = await run(['exec', '-i', ...main, '--', 'true'], randomBytes(20_000_000));
    // kubectl may log that its own input came too late for the connection or for its stream,
    // whichever of its two goroutines is first; nothing else.
    const tooLate = /^E.*err="(websocket: close sent|write on closed stream 0)"\n/gm;
    assert.equal(outcome.stderr.replace(tooLate, ''), '');
    assert.equal(outcome.code, 0);
  });

  test('runs many commands at once', async () => {
    const command = ['--', 'sh', '-c', 'cat; echo $0'];
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        run(['exec', '-i', ...main, ...command, String(index)], 'in '),
      ),
    );
    assert.deepEqual(
      outcomes.map(({ stdout }) => stdout.toString()),
      outcomes.map((_, index) => `in ${index}\n`),
    );
  });

  test('attaches to the streams of a running process', async () => {
    const outcome = await run(['attach', '-i', ...main], 'to and fro\n');
    assert.equal(outcome.stdout.toString(), 'to and fro\n');
    assert.equal(outcome.code, 0);
  });

  test('aborts the command when the client is killed', async () => {
    const next = node.nextCommand();
    const client = startKubectl(session, ['exec', '-i', ...main, '--', 'sleep', '1000']);
    const ended = once(await next, 'close');
    client.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  });

  test('aborts it also when its input was left unread, at the second heartbeat', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const next = node.nextCommand();
    const client = startKubectl(session, ['exec', '-i', ...main, '--', 'sleep', '1000']);
    const command = await next;
    const ended = once(command, 'close');
    client.stdin.on('error', () => undefined);
    client.stdin.write(Buffer.alloc(40_000_000));
    await untilStill(() => client.stdin.writableLength);
    client.kill('SIGKILL');
    while (command.signalCode === null) {
      t.mock.timers.tick(5000);
      await new Promise(setImmediate);
    }
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  });

  test('passes the size of the terminal, and its end', async () => {
    const next = node.nextCommand();
    const args = ['exec', '-it', ...main, '--', 'cat'];
    const terminal = startOnTerminal(session, { rows: 33, cols: 101 }, args);
    const ended = once(await next, 'close');
    await waitFor(terminal.stdout, /\[101x33\]/);
    terminal.kill();
    await ended;
  });

  test('copies a folder into the pod and out again', async () => {
    const source = join(session.home, 'source');
    const inside = join(session.home, 'inside');
    const back = join(session.home, 'back');
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

  test('leaves no upgrade behind', async () => {
    await Promise.all(api.open);
    assert.equal(api.open.size, 0);
  });
}
