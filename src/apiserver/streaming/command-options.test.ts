import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../kube/index.ts';
import { parseCommandOptions } from './command-options.ts';

function parse(kind: 'exec' | 'attach', query: string): ReturnType<typeof parseCommandOptions> {
  return parseCommandOptions(kind, new URLSearchParams(query));
}

test('takes the command in order, and flags as the API server reads them', () => {
  assert.deepEqual(
    parse('exec', 'container=main&command=sh&command=-c&command=&stdin=true&stdout=1&stderr=0'),
    {
      container: 'main',
      command: ['sh', '-c', ''],
      stdin: true,
      stdout: true,
      stderr: false,
      tty: false,
    },
  );
});

test('a terminal has no separate error output', () => {
  const options = parse('attach', 'tty=true&stdout=true&stderr=true');
  assert.deepEqual([options.tty, options.stdout, options.stderr], [true, true, false]);
});

test('refuses an exec of nothing and a command without streams', () => {
  const refusals = [
    ['exec', 'stdout=true', 'you must specify at least one command for the container'],
    ['exec', 'command=ls', 'you must specify at least 1 of stdin, stdout, stderr'],
    ['attach', 'stdout=false', 'you must specify at least 1 of stdin, stdout, stderr'],
  ] as const;
  for (const [kind, query, message] of refusals) {
    assert.throws(
      () => parse(kind, query),
      (error) =>
        error instanceof ApiError && error.reason === 'BadRequest' && error.message === message,
    );
  }
});
