import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { durationText } from './duration.ts';
import { elementText } from './element-text.ts';
import { priorityText } from './hook.ts';
import { predecessor, successor } from './key-order.ts';
import { operationText } from './operation-text.ts';
import { registerAt, wordOf } from './register.ts';
import { commentEntry, decodeUserdata, encodeUserdata, readComment } from './userdata.ts';

describe('text', () => {
  test('of priorities is a name where nft has one for the hook', () => {
    assert.equal(priorityText(-100, 'prerouting'), 'dstnat');
    assert.equal(priorityText(-100, 'output'), '-100');
    assert.equal(priorityText(-90, 'prerouting'), 'dstnat + 10');
    assert.equal(priorityText(-10, 'forward'), 'filter - 10');
    assert.equal(priorityText(-11, 'forward'), '-11');
    assert.equal(priorityText(100, 'postrouting'), 'srcnat');
  });

  test('of durations', () => {
    assert.equal(durationText(0), '0s');
    assert.equal(durationText(10_800_000), '3h');
    assert.equal(durationText(90_061_001), '1d1h1m1s1ms');
  });

  test('of elements shows blocks as such, and ranges that are none', () => {
    const set = {
      family: 'ip',
      table: 't',
      name: 's',
      key: ['ipv4_addr', 'inet_service'],
      interval: true,
    } as const;
    const text = (first: string, last: string): string =>
      elementText(set, { key: [first, 80], keyEnd: [last, 90] });
    assert.equal(text('10.0.0.0', '10.255.255.255'), '10.0.0.0/8 . 80-90');
    assert.equal(text('10.0.0.1', '10.0.0.2'), '10.0.0.1-10.0.0.2 . 80-90');
    assert.equal(text('0.0.0.0', '255.255.255.255'), '0.0.0.0/0 . 80-90');
  });

  test('of operations is the nft command, long lists cut', () => {
    const set = { family: 'ip', table: 't', name: 's', key: ['mark'] } as const;
    const elements = [1, 2, 3, 4, 5].map((mark) => ({ key: [mark] }));
    assert.equal(
      operationText({ kind: 'delete element', set, elements }),
      'delete element ip t s { 0x00000001, 0x00000002, 0x00000003, ... 2 more }',
    );
    const table = { family: 'ip6', name: 't' } as const;
    assert.equal(operationText({ kind: 'delete table', table }), 'delete table ip6 t');
  });
});

describe('keys', () => {
  test('have neighbours, but for the last', () => {
    assert.deepEqual(successor(Buffer.from([1, 255])), Buffer.from([2, 0]));
    assert.equal(successor(Buffer.from([255, 255])), undefined);
    assert.deepEqual(predecessor(Buffer.from([2, 0]), 2), Buffer.from([1, 255]));
    assert.deepEqual(predecessor(undefined, 2), Buffer.from([255, 255]));
  });
});

describe('registers', () => {
  test('are numbered as nft numbers them: 16-byte names where one fits', () => {
    assert.deepEqual([0, 1, 2, 4, 12, 15].map(registerAt), [1, 9, 10, 2, 4, 23]);
    for (let word = 0; word < 16; word += 1) assert.equal(wordOf(registerAt(word)), word);
  });
});

describe('user data', () => {
  test('holds a comment, cut to what nft takes', () => {
    const bytes = encodeUserdata([commentEntry(0, 'x'.repeat(200))]);
    assert.equal(readComment(bytes, 0), 'x'.repeat(127));
    assert.equal(readComment(bytes, 1), undefined);
    assert.deepEqual(decodeUserdata(bytes.subarray(0, 10)), []);
  });
});
