import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  containsPort,
  formatPortRange,
  parsePortRange,
  portRangeSize,
  requirePortRange,
} from './port-range.ts';

describe('port ranges', () => {
  for (const [text, first, last] of [
    ['30000-32767', 30_000, 32_767],
    ['30000+2767', 30_000, 32_767],
    ['80', 80, 80],
    ['0-65535', 0, 65_535],
  ] as const) {
    test(`${text} is ${first} to ${last}`, () => {
      assert.deepEqual(parsePortRange(text), { first, last });
    });
  }

  for (const text of ['', '-', '80-', '-80', '90-80', '80-65536', '65535+1', '1-2-3', '80 - 90']) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parsePortRange(text), undefined));
  }

  test('hold both their ends', () => {
    const range = requirePortRange('30000-30009');
    assert.equal(portRangeSize(range), 10);
    assert.deepEqual(
      [29_999, 30_000, 30_009, 30_010].map((port) => containsPort(range, port)),
      [false, true, true, false],
    );
  });

  test('are written as they are read', () => {
    assert.equal(formatPortRange({ first: 80, last: 80 }), '80');
    assert.equal(formatPortRange({ first: 80, last: 90 }), '80-90');
  });

  test('that must be valid say what they are not', () => {
    assert.throws(() => requirePortRange('90-80'), {
      code: 'INVALID_PORT_RANGE',
      message: /"90-80"/,
    });
  });
});
