import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MS_BIND, MS_NOSUID, MS_RDONLY, MS_REMOUNT } from './mounts.ts';
import { TestKernel } from './testing/test-kernel.ts';

describe('mounts', () => {
  let world: TestKernel;
  before(() => (world = new TestKernel()));
  after(() => world.dispose());

  function directory(name: string): string {
    const path = join(world.directory, name);
    mkdirSync(path);
    return path;
  }

  test('come and go', () => {
    const target = directory('memory');
    const { kernel } = world;
    kernel.mount({ source: 'tmpfs', target, type: 'tmpfs', flags: MS_NOSUID, data: 'size=64k' });
    writeFileSync(join(target, 'file'), 'here');
    assert.deepEqual(world.mounts(), [target]);
    kernel.unmount(target);
    assert.deepEqual(world.mounts(), []);
    assert.ok(!existsSync(join(target, 'file')));
  });

  test('show a directory in another place, read-only after a remount', () => {
    const [source, target] = [directory('source'), directory('target')];
    const { kernel } = world;
    kernel.mount({ source, target, flags: MS_BIND });
    writeFileSync(join(target, 'file'), 'here');
    assert.ok(existsSync(join(source, 'file')));
    kernel.mount({ source: '', target, flags: MS_BIND | MS_REMOUNT | MS_RDONLY });
    assert.throws(() => writeFileSync(join(target, 'file'), 'there'), { code: 'EROFS' });
    kernel.unmount(target);
  });

  test('that are not there are no error to take away', () => {
    world.kernel.unmount(directory('plain'));
    world.kernel.unmount(join(world.directory, 'nothing'));
  });

  test('that fail say source and target', () => {
    const target = join(world.directory, 'nothing');
    assert.throws(() => world.kernel.mount({ source: 'tmpfs', target, type: 'tmpfs' }), {
      name: 'KernelError',
      code: 'KERNEL_REFUSED',
      errnoName: 'ENOENT',
      message: `cannot mount tmpfs on ${target}: ENOENT`,
    });
  });
});
