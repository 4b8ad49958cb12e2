import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { TestKernel } from './testing/test-kernel.ts';

const FORWARD = 'net/ipv4/ip_forward';

describe('sysctls', () => {
  let world: TestKernel;
  before(() => (world = new TestKernel()));
  after(() => world.dispose());

  test('are those of the namespace, not of the host', () => {
    const [one, two] = [world.namespace('one'), world.namespace('two')];
    const host = readFileSync(`/proc/sys/${FORWARD}`, 'utf8').trim();
    const { kernel } = world;
    kernel.writeSysctl(one, FORWARD, '1');
    kernel.writeSysctl(two, FORWARD, '0');
    assert.equal(kernel.readSysctl(one, FORWARD), '1');
    assert.equal(kernel.readSysctl(two, FORWARD), '0');
    assert.equal(kernel.readSysctl(undefined, FORWARD), host);
    assert.equal(readFileSync(`/proc/sys/${FORWARD}`, 'utf8').trim(), host);
  });

  test('of one link exist where the link does', () => {
    const path = world.namespace('links');
    world.kernel.writeSysctl(path, 'net/ipv4/conf/lo/rp_filter', '2');
    assert.equal(world.kernel.readSysctl(path, 'net/ipv4/conf/lo/rp_filter'), '2');
    assert.throws(() => world.kernel.readSysctl(path, 'net/ipv4/conf/none/rp_filter'), {
      code: 'SYSCTL_FAILED',
      message: /net\/ipv4\/conf\/none\/rp_filter.*ENOENT/,
    });
  });

  test('refuse values that the kernel refuses', () => {
    const path = world.namespace('values');
    assert.throws(() => world.kernel.writeSysctl(path, FORWARD, 'maybe'), {
      code: 'SYSCTL_FAILED',
      message: /write "maybe" to sysctl net\/ipv4\/ip_forward.*EINVAL/,
    });
  });

  for (const name of [
    '',
    '/net/ipv4/ip_forward',
    'net/../kernel/hostname',
    'net.ipv4.ip_forward',
  ]) {
    test(`have no name like ${JSON.stringify(name)}`, () => {
      assert.throws(() => world.kernel.readSysctl(undefined, name), { code: 'SYSCTL_FAILED' });
    });
  }
});
