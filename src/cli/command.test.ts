import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verbs } from './program.ts';

const root = join(import.meta.dirname, '..', '..');
const program = join(root, 'bin', 'portolan');
const home = mkdtempSync(join(tmpdir(), 'portolan-cli-'));
after(() => rmSync(home, { recursive: true }));

/** Runs the real program in a home without clusters. */
function portolan(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, PORTOLAN_HOME: home, KUBECONFIG: join(home, 'kubeconfig') };
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

test('without words it shows its help', () => {
  const { code, stdout } = portolan();
  assert.equal(code, 0);
  for (const verb of verbs) assert.match(stdout, new RegExp(`^  ${verb}\\b`, 'm'));
});

test('every verb has help, and all but list are about one cluster', () => {
  for (const verb of verbs) {
    const { code, stdout } = portolan(verb, '--help');
    assert.equal(code, 0, verb);
    if (verb !== 'list') assert.match(stdout, /--name <name>/, verb);
  }
});

test('wrong usage is exit code 2, says what is meant and where to look', () => {
  for (const [args, text] of [
    [['strat'], /unknown command 'strat'\n\(Did you mean start\?\)/],
    [['start', '--nodes', '0'], /Give a number from 1 to 250/],
    [['start', '--nodes', '1e2'], /Give a number from 1 to 250/],
    [['start', '--images', 'none'], /Allowed choices are auto, strict, stand-in/],
    [['start', 'shop'], /too many arguments/],
    [['exec', 'node1'], /missing required argument 'command'/],
    [['image', 'import', 'x', 'y', '--port', '70000'], /Give a port from 1 to 65535/],
    [['image', 'import', 'x', 'y', '--env', 'novalue'], /Give NAME=VALUE/],
    [['image', 'import', 'x', 'y', '--cmd', '["a"'], /a JSON array of strings/],
    [['get', 'pods'], /\(get is a verb of kubectl: kubectl get pods\)/],
    [['--name', 'shop', 'status'], /--name comes behind the verb/],
    [['completion', 'csh'], /Allowed choices are bash, zsh, fish/],
  ] as const) {
    const { code, stderr } = portolan(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, text);
    assert.match(stderr, /add --help/);
  }
});

test('what needs a cluster says how to make one', () => {
  for (const verb of ['stop', 'status', 'ip', 'service', 'flows', 'kubeconfig', 'logs']) {
    const { code, stdout, stderr } = portolan(verb, '--name', 'shop');
    assert.equal(code, 1, verb);
    assert.equal(stdout, '');
    assert.match(stderr, /there is no cluster "shop"\n {2}Make it: .*portolan start --name shop\n/);
  }
  assert.match(portolan('ip', '--name', 'No!').stderr, /"No!" cannot name a cluster/);
});

test('delete of nothing is no failure', () => {
  assert.deepEqual(portolan('delete'), {
    code: 0,
    stdout: 'there was no cluster "portolan"\n',
    stderr: '',
  });
  assert.equal(portolan('delete', '--all').stdout, 'there is no cluster\n');
});

test('options of ours behind the node of exec are no command', () => {
  const { code, stderr } = portolan('exec', 'node1', '--name', 'shop', '--', 'ls');
  assert.equal(code, 2);
  assert.match(
    stderr,
    /--name stands behind node1.*\n {2}Options come first: .* node1 -- COMMAND\n/,
  );
});

test('version for people and for programs', () => {
  assert.match(portolan('version').stdout, /^portolan \d\S+, Kubernetes API v1\.\S+, Node v24/);
  const parsed = JSON.parse(portolan('version', '-o', 'json').stdout) as object;
  assert.deepEqual(Object.keys(parsed), ['portolan', 'kubernetes', 'node']);
});

test('a reader that has read enough is no failure', async () => {
  const child = spawn(program, ['--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
});
