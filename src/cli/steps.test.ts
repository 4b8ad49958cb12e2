import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'node:test';
import { displaySteps } from './steps.ts';

/** What is written while two steps go by, to a terminal or not. */
function show(isTTY: boolean): string {
  const stream = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  const display = displaySteps(stream);
  display.onStep({ step: 'api', state: 'begin', text: 'API server' });
  display.onStep({ step: 'api', state: 'done', text: 'API server', milliseconds: 7 });
  display.onStep({ step: 'nodes', state: 'begin', text: '3 nodes' });
  display.close();
  return String(stream.read());
}

test('elsewhere than on a terminal: one plain line when a step is done', () => {
  assert.equal(show(false), 'API server (7 ms)\n');
});

test('on a terminal: a spinner that gives way to the line, and to nothing at the end', () => {
  const shown = show(true);
  assert.match(
    stripVTControlCharacters(shown),
    /^\r. API server\r✓ API server 7 ms\n\r. 3 nodes\r$/,
  );
  assert.ok(shown.endsWith('\r\u001b[2K'), 'the spinner of the step that was not done is cleared');
});
