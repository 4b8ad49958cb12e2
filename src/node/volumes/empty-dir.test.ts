import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TestKernel } from '../../kernel/testing/test-kernel.ts';
import { makeEmptyDir } from './empty-dir.ts';

const machine = new TestKernel();
const { kernel } = machine;
after(() => machine.dispose());

function volume(name: string): string {
  const path = join(machine.directory, name);
  after(() => kernel.unmount(path));
  return path;
}

test('a directory on disk is for everybody, and keeps its content', async () => {
  const path = volume('disk');
  await makeEmptyDir(kernel, { path, source: {}, group: undefined });
  assert.equal(statSync(path).mode & 0o7777, 0o777);
  writeFileSync(join(path, 'note'), 'kept');
  await makeEmptyDir(kernel, { path, source: {}, group: undefined });
  assert.equal(readFileSync(join(path, 'note'), 'utf8'), 'kept');
});

test('in memory it has the size of the quantity and the group of the pod, and is mounted once', async () => {
  const path = volume('memory');
  const source = { medium: 'Memory', sizeLimit: '8Mi' } as const;
  await makeEmptyDir(kernel, { path, source, group: 3456 });
  await makeEmptyDir(kernel, { path, source, group: 3456 });
  const { blocks, bsize } = statfsSync(path);
  assert.equal(blocks * bsize, 8 * 1024 * 1024);
  assert.equal(statSync(path).gid, 3456);
  assert.equal(statSync(path).mode & 0o7777, 0o2777);
  assert.deepEqual(machine.mounts(), [path]);
});

test('a directory that lost its memory gets it again', async () => {
  const path = volume('lost');
  mkdirSync(path);
  await makeEmptyDir(kernel, { path, source: { medium: 'Memory' }, group: undefined });
  assert.ok(machine.mounts().includes(path));
});
