import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimIndex, freeIndex, nodeLoopback, withIndex } from './loopback.ts';
import { fault, recordOf } from './testing/home.ts';

/** Far from those that clusters of this machine get first. */
const FAR = 200;

test('a node has the address of its cluster and its number', () => {
  assert.equal(nodeLoopback(0, 1), '127.18.0.2');
  assert.equal(nodeLoopback(7, 250), '127.18.7.251');
});

test('the lowest index that is free', () => {
  assert.equal(freeIndex([]), 0);
  assert.equal(freeIndex([0, 1, 3]), 2);
  assert.throws(() => freeIndex(Array(256).keys()), fault('TOO_MANY_CLUSTERS'));
});

test('two clusters of one machine never get the same addresses', async () => {
  const taken = Array(FAR).keys();
  const first = await claimIndex(FAR, taken);
  const second = await claimIndex(FAR, Array(FAR).keys());
  assert.notEqual(first.index, second.index);
  first.release();
  second.release();
});

test('what is given back can be claimed again', async () => {
  const first = await claimIndex(FAR + 20, []);
  first.release();
  const again = await claimIndex(first.index, []);
  assert.equal(again.index, first.index);
  again.release();
});

test('the API port moves with the index, unless it had left its place', () => {
  assert.equal(withIndex(recordOf(), 3).apiPort, 6446);
  assert.equal(withIndex(recordOf({ apiPort: 40_000 }), 3).apiPort, 40_000);
});
