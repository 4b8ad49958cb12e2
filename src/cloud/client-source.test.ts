import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceToKeep } from './client-source.ts';

test('clients behind the fabric and the fabric itself keep their address', () => {
  assert.equal(sourceToKeep('203.0.113.9'), '203.0.113.9');
  assert.equal(sourceToKeep('::ffff:203.0.113.9'), '203.0.113.9');
  assert.equal(sourceToKeep('2001:db8::9'), '2001:db8::9');
  assert.equal(sourceToKeep('172.18.0.1'), '172.18.0.1');
  assert.equal(sourceToKeep('fd00:172:18::1'), 'fd00:172:18::1');
});

test('those whom a node answers past the fabric do not, nor does the host', () => {
  const others = ['172.18.0.2', '10.244.1.7', '10.96.0.1', '172.19.0.1', '127.0.0.1', 'fe80::1'];
  for (const client of [...others, 'fd00:172:18::2', 'fd00:172:19::1', '::1', '']) {
    assert.equal(sourceToKeep(client), undefined, client);
  }
});
