import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKernel } from '../kernel/index.ts';
import { namespacePin } from './pins.ts';
import { mountsBelow, purgeRemains, purgeRunning } from './purge.ts';
import { TestHome } from './testing/home.ts';

const mountinfo = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:4 net:[4026532] /home/run/ns/fabric rw shared:2 - nsfs nsfs rw
31 22 0:40 / /home/run/ns/a\\040b\\134c rw - overlay overlay rw
32 31 0:41 / /home/run/ns/a\\040b\\134c/inner rw - tmpfs tmpfs rw
33 22 0:42 / /home/running rw - tmpfs tmpfs rw
34 22 0:42 / /home/run rw - tmpfs tmpfs rw
35 22 0:42 / /home/run rw - tmpfs tmpfs rw
`;

test('finds the mounts of a folder, the inner ones first, one above the other twice', () => {
  assert.deepEqual(mountsBelow('/home/run', mountinfo), [
    '/home/run/ns/a b\\c/inner',
    '/home/run/ns/fabric',
    '/home/run/ns/a b\\c',
    '/home/run',
    '/home/run',
  ]);
  assert.deepEqual(mountsBelow('/other', mountinfo), []);
});

test('removes pins and files of what runs, keeps the state', async () => {
  using home = new TestHome();
  const cluster = home.cluster();
  const kernel = createKernel();
  const pin = namespacePin(cluster, 'node1');
  mkdirSync(join(cluster.run, 'ns'), { recursive: true });
  mkdirSync(join(cluster.state, 'with ünicode'), { recursive: true });
  writeFileSync(join(cluster.state, 'kept'), '');
  kernel.createNetworkNamespace(pin);
  kernel.createNetworkNamespace(join(cluster.state, 'with ünicode', 'pin'));
  await purgeRemains(kernel, cluster);
  assert.equal(existsSync(cluster.run), false);
  assert.equal(existsSync(join(cluster.state, 'kept')), true);
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(home.path), false);
});

test('finds nothing to do where nothing is', async () => {
  using home = new TestHome();
  await purgeRunning(createKernel(), home.cluster());
  assert.equal(existsSync(home.cluster().run), false);
});
