import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { arbitraryMessage } from './testing/arbitrary-message.ts';
import { queryOf } from './testing/messages.ts';

const header = (counts: string): string => `00010100${counts}`;
const oneQuestion = header('0001000000000000');
const noQuestion = '00010001';

function reasonOf(hex: string): string {
  const result = decodeMessage(Buffer.from(hex, 'hex'));
  return result.ok ? 'OK' : result.reason;
}

const label63 = `3f${'61'.repeat(63)}`;

describe('hostile messages', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['nothing', '', 'SHORT_HEADER'],
    ['eleven bytes', '0001010000010000000000', 'SHORT_HEADER'],
    ['a pointer to itself', `${oneQuestion}c00c${noQuestion}`, 'POINTER_FORWARD'],
    ['a pointer forward', `${oneQuestion}c00e00${noQuestion}`, 'POINTER_FORWARD'],
    [
      'labels that end in a pointer to themselves',
      `${oneQuestion}0161c00c${noQuestion}`,
      'POINTER_FORWARD',
    ],
    ['a pointer into the header', `${oneQuestion}c000${noQuestion}`, 'OK'],
    ['half a pointer', `${oneQuestion}c0`, 'COUNTS_EXCEED_MESSAGE'],
    ['label type 01', `${oneQuestion}41610000${noQuestion}`, 'LABEL_TYPE'],
    ['label type 10', `${oneQuestion}81610000${noQuestion}`, 'LABEL_TYPE'],
    ['a label beyond the end', `${oneQuestion}0a61620000010001`, 'SHORT_MESSAGE'],
    ['a name of 257 octets', `${oneQuestion}${label63.repeat(4)}00${noQuestion}`, 'NAME_TOO_LONG'],
    ['65,535 questions in nothing', header('ffff000000000000'), 'COUNTS_EXCEED_MESSAGE'],
    [
      '65,535 of everything',
      `${header('ffffffffffffffff')}${'00'.repeat(500)}`,
      'COUNTS_EXCEED_MESSAGE',
    ],
    ['no question', header('0000000000000000'), 'OK'],
    ['two OPT', `${header('0000000000000002')}${'0000290200000000000000'.repeat(2)}`, 'OPT_TWICE'],
    ['OPT with an owner', `${header('0000000000000001')}0161000029020000000000000000`, 'OPT_OWNER'],
    ['OPT as an answer', `${header('0000000100000000')}0000290200000000000000`, 'OPT_SECTION'],
    [
      'an option beyond OPT',
      `${header('0000000000000001')}000029020000000000000400010fff`,
      'RDATA_LENGTH',
    ],
    [
      'A of three bytes',
      `${header('0000000100000000')}000001000100000000000301020300`,
      'RDATA_LENGTH',
    ],
    [
      'A of five bytes',
      `${header('0000000100000000')}00000100010000000000050102030405`,
      'RDATA_LENGTH',
    ],
    [
      'a name beyond its data',
      `${header('0000000100000000')}0000050001000000000001016100`,
      'RDATA_LENGTH',
    ],
    [
      'a text beyond its data',
      `${header('0000000100000000')}0000100001000000000002ff6100`,
      'RDATA_LENGTH',
    ],
  ];
  for (const [what, hex, reason] of rows) {
    test(`${what}: ${reason}`, () => assert.equal(reasonOf(hex), reason));
  }

  /** A message with so many pointers in a record's data, each to the one before, and a name that is the last of them. */
  function chainOf(length: number): string {
    const pointers = Array.from({ length }, (_, index) => {
      const at = 12 + 5 + 11 + index * 2;
      return (0xc000 | (index === 0 ? 12 : at - 2)).toString(16);
    });
    const data = pointers.join('');
    const record = `00ff00000100000000${(data.length / 2).toString(16).padStart(4, '0')}`;
    const last = `${pointers.at(-1)}ff0000010000000000000`.slice(0, 24);
    return `${header('0001000200000000')}00${noQuestion}${record}${data}${last}`;
  }

  test('a name of as many pointers as labels could have is read', () => {
    assert.equal(reasonOf(chainOf(126)), 'OK');
  });

  test('a longer chain of pointers is refused: thousands of names could each walk it', () => {
    assert.equal(reasonOf(chainOf(128)), 'POINTER_CHAIN');
    assert.equal(reasonOf(chainOf(8000)), 'POINTER_CHAIN');
  });

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        decodeMessage(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('messages with flipped bytes or cut short never throw, and what they give can be encoded', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
    fc.assert(
      fc.property(arbitraryMessage, flips, fc.nat(), (message, changes, cut) => {
        const bytes = encodeMessage(message);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const result = decodeMessage(
          bytes.subarray(0, bytes.length - (cut % 3 === 0 ? cut % 40 : 0)),
        );
        if (result.ok) encodeMessage(result.message);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is wrong leaves the header, for a FORMERR with its id', () => {
    const bytes = encodeMessage(queryOf('web.local.')).subarray(0, 20);
    const result = decodeMessage(bytes);
    assert.ok(!result.ok);
    assert.equal(result.header?.id, 1);
  });
});
