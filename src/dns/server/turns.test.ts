import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  encodeMessage,
  recordClasses,
  recordTypes,
  type Message,
  type ResourceRecord,
} from '../../dnswire/index.ts';
import { addressRecord, decoded, queryOf } from '../../dnswire/testing/messages.ts';
import { rotate } from './respond.ts';
import { takeTurn, turnsIn } from './turns.ts';

const name = 'db.default.svc.cluster.local.';

function aliasOf(owner: string, target: string): ResourceRecord {
  const data = { kind: 'name', name: target } as const;
  return { name: owner, type: recordTypes.CNAME, class: recordClasses.IN, ttl: 30, data };
}

function addresses(count: number, { owner = name, prefix = '10.244.0.' } = {}): ResourceRecord[] {
  return Array.from({ length: count }, (_, index) => addressRecord(owner, `${prefix}${index + 1}`));
}

function responseWith(answers: readonly ResourceRecord[], rest: Partial<Message> = {}): Message {
  return { ...queryOf(name), isResponse: true, answers, ...rest };
}

describe('addresses take turns in the bytes', () => {
  const edns = { udpSize: 1232, version: 0, isDnssecOk: false, options: [] };
  const alias = aliasOf(name, 'Elsewhere.example.');
  const rows: readonly (readonly [string, Message])[] = [
    ['two', responseWith(addresses(2))],
    ['many', responseWith(addresses(25))],
    ['of IPv6', responseWith(addresses(3, { prefix: 'fd00::' }))],
    ['with EDNS behind them', responseWith(addresses(3), { edns })],
    ['with records behind them', responseWith(addresses(3), { authorities: [alias] })],
    ['behind an alias', responseWith([alias, ...addresses(3, { owner: 'Elsewhere.example.' })])],
  ];
  for (const [what, message] of rows) {
    test(`${what}, as they do in the message`, () => {
      const bytes = encodeMessage(message);
      const turns = turnsIn(bytes);
      assert.ok(turns);
      for (let turn = 1; turn <= turns.count + 1; turn += 1) {
        takeTurn(bytes, turns);
        const answers = rotate(message.answers, turn);
        assert.deepEqual(decoded(bytes), { ...message, answers });
      }
    });
  }
});

describe('addresses keep their places', () => {
  const [first] = addresses(1);
  assert.ok(first);
  const rows: readonly (readonly [string, Message, number?])[] = [
    ['where there are none', responseWith([])],
    ['where there are only aliases', responseWith([aliasOf(name, 'a.example.')])],
    ['of two families', responseWith([...addresses(2), addressRecord(name, 'fd00::1')])],
    ['before an alias', responseWith([first, aliasOf(name, 'a.example.')])],
    ['whose names are written out', responseWith(addresses(2, { owner: 'another.example.' }))],
    ['in an answer that was cut', responseWith(addresses(100)), 512],
  ];
  for (const [what, message, limit] of rows) {
    test(what, () => assert.equal(turnsIn(encodeMessage(message, limit)), undefined));
  }
});
