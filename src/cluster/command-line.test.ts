import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine, programName } from './command-line.ts';

test('advice is typed as the program was called', () => {
  assert.equal(programName({}), 'portolan');
  assert.equal(programName({ PORTOLAN_PROGRAM: 'bin/portolan' }), 'bin/portolan');
});

test('the name is left out where it need not be typed', () => {
  assert.equal(commandLine('start', 'portolan'), `${programName()} start`);
  assert.equal(commandLine('start', 'shop'), `${programName()} start --name shop`);
});
