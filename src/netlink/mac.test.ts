import assert from 'node:assert/strict';
import { test } from 'node:test';
import { macFromBytes, macToBytes } from './mac.ts';

test('hardware addresses survive the way to bytes and back', () => {
  assert.equal(macFromBytes(macToBytes('0A:58:0a:f4:00:02')), '0a:58:0a:f4:00:02');
});

for (const text of [
  '',
  '0a:58:0a:f4:00',
  '0a:58:0a:f4:00:02:03',
  '0a-58-0a-f4-00-02',
  'g0:00:00:00:00:00',
]) {
  test(`${JSON.stringify(text)} is not a hardware address`, () => {
    assert.throws(() => macToBytes(text), { code: 'INVALID_MAC' });
  });
}
