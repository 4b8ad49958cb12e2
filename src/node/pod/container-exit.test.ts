import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fault } from '../../fault/index.ts';
import { lastWords } from './container-exit.ts';
import { duringPause, pauseAfterFailedStart, waitingReason } from './failure.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-words-'));
after(() => rmSync(folder, { recursive: true }));

function words(lines: readonly string[]): string {
  const path = join(folder, 'log');
  const entries = lines.map((text) => `2026-11-21T07:00:00.0Z stderr F ${text}\n`);
  writeFileSync(path, entries.join(''));
  return lastWords(path);
}

test('the last words of a log are whole lines without their CRI prefix', () => {
  assert.equal(words(['one', 'zwölf']), 'one\nzwölf\n');
  assert.equal(words([]), '');
});

test('they are at most 80 lines and 2048 bytes', () => {
  const many = Array.from({ length: 200 }, (_, number) => `line ${number}`);
  const kept = words(many).trimEnd().split('\n');
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [80, 'line 120', 'line 199']);
  assert.equal(words(['x'.repeat(5000)]).length, 2048);
});

test('faults have the names that users know, and pulls their own pauses', () => {
  const named = (code: string) => waitingReason(new Fault({ code, message: 'why' }));
  assert.deepEqual(named('ERR_IMAGE_PULL'), { reason: 'ErrImagePull', message: 'why' });
  assert.equal(named('CREATE_CONTAINER_CONFIG_ERROR').reason, 'CreateContainerConfigError');
  assert.equal(waitingReason(new Error('x')).reason, 'CreateContainerError');
  const pull = named('ERR_IMAGE_PULL');
  assert.deepEqual(
    [1, 2, 9].map((count) => pauseAfterFailedStart(pull, count)),
    [10_000, 20_000, 300_000],
  );
  assert.equal(pauseAfterFailedStart(named('INVALID_IMAGE_NAME'), 9), 10_000);
  assert.deepEqual(duringPause(pull, 'web'), {
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "web": ErrImagePull: why',
  });
});
