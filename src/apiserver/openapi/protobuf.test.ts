import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bool,
  chosen,
  double,
  encodeMessage,
  integer,
  many,
  nested,
  one,
  pairs,
  text,
  wrapped,
  type Message,
} from './protobuf.ts';

const message: Message = {
  fields: {
    name: one(1, text),
    count: one(2, integer),
    on: one(3, bool),
    ratio: one(4, double),
    tags: many(5, text),
    child: one(
      6,
      nested(() => message),
    ),
    map: one(
      7,
      pairs(
        1,
        nested(() => message),
      ),
    ),
    type: one(8, wrapped(many(1, text))),
    either: one(
      9,
      chosen((value) =>
        one(
          'x' in value ? 1 : 2,
          nested(() => message),
        ),
      ),
    ),
    far: one(300, text),
  },
  extensions: 31,
};

/** Bytes as `protoc --encode` writes them for the same fields. */
const cases: readonly (readonly [value: object, hex: string])[] = [
  [{ name: 'ab' }, '0a026162'],
  [{ name: 'é' }, '0a02c3a9'],
  [{ count: 150 }, '109601'],
  [{ count: 5_000_000_000 }, '108 0e497d012'.replace(' ', '')],
  [{ on: true }, '1801'],
  [{ ratio: 1.5 }, '21000000000000f83f'],
  [{ tags: ['a', 'b'] }, '2a01612a0162'],
  [{ child: { name: 'a' } }, '32030a0161'],
  [{ map: { k: { name: 'a' } } }, '3a0a0a080a016b12030a0161'],
  [{ type: 'string' }, '42080a06737472696e67'],
  [{ either: { x: 1 } }, '4a020a00'],
  [{ far: 'a' }, 'e2120161'],
  [{ 'x-y': [1] }, 'fa010c0a03782d791205 12035b315d'.replace(' ', '')],
  [{ unknown: 1, name: undefined }, ''],
];

for (const [value, hex] of cases) {
  test(`encodes ${JSON.stringify(value)}`, () => {
    assert.equal(encodeMessage(message, value).toString('hex'), hex);
  });
}
