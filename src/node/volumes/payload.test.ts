import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { writePayload, type Payload } from './payload.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-volume-'));
after(() => rmSync(folder, { recursive: true }));

function payload(files: Record<string, string>): Payload {
  return new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      { content: Buffer.from(content), mode: 0o640 },
    ]),
  );
}

describe('writePayload', () => {
  test('writes files behind the ..data link', async () => {
    const volume = join(folder, 'a');
    await writePayload(volume, payload({ key: 'value', 'sub/dir/file': 'deep' }));
    assert.equal(readFileSync(join(volume, 'key'), 'utf8'), 'value');
    assert.equal(readFileSync(join(volume, 'sub/dir/file'), 'utf8'), 'deep');
    assert.equal(readlinkSync(join(volume, 'key')), '..data/key');
    assert.equal(statSync(join(volume, 'key')).mode & 0o777, 0o640);
  });

  test('replaces all at once: new keys come, old ones go, one data directory stays', async () => {
    const volume = join(folder, 'b');
    await writePayload(volume, payload({ old: '1', both: '1' }));
    await writePayload(volume, payload({ new: '2', both: '2' }));
    assert.deepEqual(
      readdirSync(volume)
        .filter((name) => !name.startsWith('..'))
        .sort(),
      ['both', 'new'],
    );
    assert.equal(readFileSync(join(volume, 'both'), 'utf8'), '2');
    assert.equal(readdirSync(volume).filter((name) => name.startsWith('..2')).length, 1);
  });

  test('makes names good that a killed daemon did not come to', async () => {
    const volume = join(folder, 'names');
    await writePayload(volume, payload({ one: '1', two: '2' }));
    rmSync(join(volume, 'two'));
    symlinkSync('..data/gone', join(volume, 'gone'));
    const before = readlinkSync(join(volume, '..data'));
    await writePayload(volume, payload({ one: '1', two: '2' }));
    assert.equal(readFileSync(join(volume, 'two'), 'utf8'), '2');
    assert.deepEqual(
      readdirSync(volume).filter((name) => name === 'gone'),
      [],
    );
    assert.equal(readlinkSync(join(volume, '..data')), before, 'nobody who watches is woken');
  });

  test('refuses paths that leave the volume, and changes nothing then', async () => {
    const volume = join(folder, 'c');
    await writePayload(volume, payload({ key: 'kept' }));
    await assert.rejects(writePayload(volume, payload({ '../evil': 'x' })), {
      code: 'INVALID_VOLUME_PATH',
    });
    assert.equal(readFileSync(join(volume, 'key'), 'utf8'), 'kept');
  });
});
