import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { opcodes, rcodes, recordTypes, type Edns, type Message } from '../../dnswire/index.ts';
import { addressRecord, queryOf } from '../../dnswire/testing/messages.ts';
import { emptyReply } from '../../names/index.ts';
import type { Peer } from './peer.ts';
import { errorResponse, hasTurns, limitOf, objectionTo, responseTo, rotate } from './respond.ts';

const name = 'web.default.svc.cluster.local.';
const query = queryOf(name);

function edns(udpSize: number, version = 0): Edns {
  return { udpSize, version, isDnssecOk: false, options: [] };
}

describe('what is wrong with a query', () => {
  const [question] = query.questions;
  assert.ok(question);
  const rows: readonly (readonly [string, Message, number | undefined])[] = [
    ['nothing', query, undefined],
    ['nothing, with EDNS', { ...query, edns: edns(1232) }, undefined],
    ['no question', { ...query, questions: [] }, rcodes.FORMERR],
    ['two questions', { ...query, questions: [question, question] }, rcodes.FORMERR],
    ['a later EDNS', { ...query, edns: edns(1232, 1) }, rcodes.BADVERS],
    ['an update', { ...query, opcode: opcodes.UPDATE }, rcodes.NOTIMP],
    ['a notification', { ...query, opcode: opcodes.NOTIFY }, rcodes.NOTIMP],
    ['a status', { ...query, opcode: opcodes.STATUS, questions: [] }, rcodes.NOTIMP],
  ];
  for (const [what, message, rcode] of rows) {
    test(what, () => assert.equal(objectionTo(message), rcode));
  }
});

describe('the bytes that a client takes', () => {
  const udp: Peer = { address: '10.244.0.7', port: 4000, protocol: 'udp' };
  const rows: readonly (readonly [string, Message, Peer, number])[] = [
    ['UDP', query, udp, 512],
    ['UDP, EDNS', { ...query, edns: edns(1000) }, udp, 1000],
    ['UDP, EDNS below the least', { ...query, edns: edns(100) }, udp, 512],
    ['UDP, EDNS beyond what passes in one packet', { ...query, edns: edns(4096) }, udp, 1232],
    ['TCP', query, { ...udp, protocol: 'tcp' }, 65_535],
    ['TCP, EDNS', { ...query, edns: edns(1000) }, { ...udp, protocol: 'tcp' }, 65_535],
  ];
  for (const [what, message, peer, limit] of rows) {
    test(what, () => assert.equal(limitOf(message, peer), limit));
  }
});

describe('a response', () => {
  test('repeats the question, its identifier and what the client wishes', () => {
    const asked = { ...query, id: 99, isCheckingDisabled: true };
    const response = responseTo(asked, emptyReply(rcodes.NXDOMAIN), true);
    assert.deepEqual(response, {
      ...asked,
      isResponse: true,
      isRecursionAvailable: true,
      rcode: rcodes.NXDOMAIN,
    });
  });

  test('has EDNS for EDNS, without the options of the client', () => {
    const options = [{ code: 10, data: Buffer.alloc(8) }];
    const asked = { ...query, edns: { ...edns(4096), isDnssecOk: true, options } };
    const response = responseTo(asked, emptyReply(rcodes.NOERROR), true);
    assert.deepEqual(response.edns, { ...edns(1232), isDnssecOk: true });
    assert.equal(responseTo(query, emptyReply(rcodes.NOERROR), true).edns, undefined);
  });

  test('to what could not be read has no question', () => {
    const response = errorResponse({ ...query, isAuthentic: true, isTruncated: true });
    assert.deepEqual(
      [response.questions, response.isResponse, response.isAuthentic, response.isTruncated],
      [[], true, false, false],
    );
  });
});

describe('addresses that take turns', () => {
  const alias = {
    ...addressRecord(name, '0.0.0.0'),
    type: recordTypes.CNAME,
    data: { kind: 'name', name: 'other.' },
  } as const;
  const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((ip) => addressRecord(name, ip));
  assert.ok(a && b && c);

  test('each is the first in its turn', () => {
    assert.deepEqual(rotate([a, b, c], 0), [a, b, c]);
    assert.deepEqual(rotate([a, b, c], 1), [b, c, a]);
    assert.deepEqual(rotate([a, b, c], 5), [c, a, b]);
  });

  test('aliases stay before them', () => assert.deepEqual(rotate([alias, a, b], 1), [alias, b, a]));

  test('there are none of one address, or of no address', () => {
    for (const answers of [[], [a], [alias], [alias, a]]) {
      assert.equal(rotate(answers, 1), answers);
      assert.equal(hasTurns(answers), false);
    }
    assert.equal(hasTurns([a, b]), true);
  });
});
