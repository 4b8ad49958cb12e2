import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastWords } from './last-words.ts';

const chatter = [
  '[NOTICE]   (4711) : haproxy version is 2.6.12',
  "[NOTICE]   (4711) : CLI : 'server s0/u1' : New server registered.",
  '[WARNING]  (4711) : CLI : Server s0/u1 is UP/READY (leaving forced maintenance).',
  '',
].join('\n');

test('alerts say why HAProxy ended, and nothing else does', () => {
  const alerts = [
    '[ALERT]    (4711) : Starting frontend http: cannot bind socket (Address already in use)',
    '[ALERT]    (4711) : [haproxy.main()] Some protocols failed to start their listeners! Exiting.',
  ].join('\n');
  assert.equal(
    lastWords(`${chatter}${alerts}\n`, { code: 1, signal: null }),
    'Starting frontend http: cannot bind socket (Address already in use); ' +
      '[haproxy.main()] Some protocols failed to start their listeners! Exiting.',
  );
});

test('without alerts it is the signal, the exit code, the last line', () => {
  assert.equal(lastWords(chatter, { code: null, signal: 'SIGKILL' }), 'killed by SIGKILL');
  assert.equal(lastWords(chatter, { code: 3, signal: null }), 'exit code 3');
  assert.equal(
    lastWords(chatter, { code: 0, signal: null }),
    'CLI : Server s0/u1 is UP/READY (leaving forced maintenance).',
  );
  assert.equal(lastWords('', { code: 0, signal: null }), 'it said nothing');
  assert.equal(lastWords('spawn ENOENT', { code: null, signal: null }), 'spawn ENOENT');
});
