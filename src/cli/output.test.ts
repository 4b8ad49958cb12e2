import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Fault } from '../fault/index.ts';
import { formatTable, printFailure } from './output.ts';

function failureText(error: unknown): string {
  const stream = new PassThrough();
  printFailure(error, stream);
  return String(stream.read());
}

test('columns are as wide as their widest cell, the last one unpadded', () => {
  const table = formatTable(
    ['NODE', 'IP'],
    [
      ['a', '10.0.0.1'],
      ['a-long-name', ''],
    ],
  );
  assert.deepEqual(table.split('\n'), [
    'NODE          IP',
    'a             10.0.0.1',
    'a-long-name',
  ]);
});

test('a fault is what is wrong and what to do', () => {
  const error = new Fault({ code: 'X', message: 'no veth', advice: 'Load it.' });
  assert.equal(failureText(error), 'portolan: no veth\n  Load it.\n');
  assert.equal(failureText(new Fault({ code: 'X', message: 'no' })), 'portolan: no\n');
});

test('an error of the machine is no bug and shows no stack', () => {
  const error = Object.assign(new Error("EROFS: read-only file system, mkdir '/x'"), {
    code: 'EROFS',
    syscall: 'mkdir',
  });
  assert.match(failureText(error), /^portolan: EROFS: .*\n {2}Set PORTOLAN_HOME .*\n$/);
});

test('anything else is a bug and shows its stack', () => {
  assert.match(failureText(new TypeError('oops')), /internal error: TypeError: oops\n +at /);
  assert.equal(failureText('odd'), 'portolan: internal error: odd\n');
});
