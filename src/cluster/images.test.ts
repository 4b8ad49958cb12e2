import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMounted } from './images.ts';

const hex = 'ab'.repeat(32);
const overlay = `218 27 0:123 / /home/c/rootfs rw,relatime - overlay overlay rw,lowerdir=/home/images/rootfs/${hex},upperdir=/home/c/upper,workdir=/home/c/work`;
const other = '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard';

test('an image is in use while an overlay stands on it', () => {
  assert.equal(isMounted(`sha256:${hex}`, `${other}\n${overlay}\n`), true);
  assert.equal(isMounted(`sha256:${'cd'.repeat(32)}`, `${other}\n${overlay}\n`), false);
  assert.equal(isMounted(`sha256:${hex}`, other), false);
});
