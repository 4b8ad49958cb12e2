import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { candidates } from './complete.ts';
import { createProgram, verbs } from './program.ts';

const root = join(import.meta.dirname, '..', '..');
const world = {
  clusters: () => ['portolan', 'shop'],
  nodes: (cluster: string) => (cluster === 'shop' ? ['node1'] : ['node1', 'node2']),
};

/** The words that may come next after a line; the last word is the one being typed. */
async function after(line: string): Promise<string[]> {
  const words = line.split(' ');
  const program = await createProgram(words.slice(0, -1));
  return candidates(program, words, world).map(({ word }) => word);
}

test('verbs, those that begin with what is typed', async () => {
  assert.deepEqual(await after(''), [...verbs]);
  assert.deepEqual(await after('st'), ['start', 'stop', 'status']);
});

test('options and their values', async () => {
  assert.deepEqual(await after('start --im'), ['--images']);
  assert.deepEqual(await after('start --images s'), ['strict', 'stand-in']);
  assert.deepEqual(await after('start --name '), ['portolan', 'shop']);
  assert.deepEqual(await after('status -o '), ['json']);
});

test('nodes of the cluster that is meant', async () => {
  assert.deepEqual(await after('ip -n '), ['node1', 'node2']);
  assert.deepEqual(await after('ip --name shop -n '), ['node1']);
  assert.deepEqual(await after('exec '), ['node1', 'node2', 'outside']);
});

test('verbs of a verb, shells, and nothing where another program reads', async () => {
  assert.deepEqual(await after('image '), ['import', 'ls', 'rm']);
  assert.deepEqual(await after('image list --n'), ['--name']);
  assert.deepEqual(await after('ls -o '), ['json', 'yaml']);
  assert.deepEqual(await after('completion '), ['bash', 'zsh', 'fish']);
  assert.deepEqual(await after('exec node1 -- i'), []);
});

/** What bash offers when TAB is pressed behind the words. */
function bashOffers(...words: string[]): string[] {
  const program = join(root, 'bin', 'portolan');
  const script = `source <("${program}" completion bash)
COMP_WORDS=("${program}" "$@"); COMP_CWORD=$#
_portolan; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  return text.split('\n').filter((word) => word !== '');
}

test("bash's script completes in bash", () => {
  assert.deepEqual(bashOffers('st'), ['start', 'stop', 'status']);
  assert.deepEqual(bashOffers('start', '--images', ''), ['auto', 'strict', 'stand-in']);
  assert.deepEqual(bashOffers('image', 'import', 'x:1', ''), []);
});
