import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rcodes, recordTypes } from '../../dnswire/index.ts';
import { createDnsMetrics } from '../metrics/dns-metrics.ts';
import { RequestTally } from '../metrics/request-tally.ts';
import { worldOf } from '../testing/engine.ts';
import { AnswerMemo, type KnownAnswer } from './answer-memo.ts';
import type { Peer } from './peer.ts';

const peer: Peer = { address: '10.244.0.7', port: 4000, protocol: 'udp' };
const tally = new RequestTally(createDnsMetrics());

function answerOf(bytes = 100): KnownAnswer {
  return {
    bytes: Buffer.alloc(bytes),
    turns: undefined,
    tally: tally.repetition(peer, undefined, {
      type: recordTypes.A,
      rcode: rcodes.NOERROR,
      plugin: 'kubernetes',
    }),
  };
}

function queryOf(text: string): Buffer {
  return Buffer.from(`id${text}`);
}

describe('the memo of answers', () => {
  const world = worldOf({});

  test('knows what it was given, by client and bytes, whatever the identifier', () => {
    const memo = new AnswerMemo();
    const answer = answerOf();
    memo.keep(world, peer, { query: queryOf('web'), answer });
    assert.equal(memo.find(world, peer, Buffer.from('xyweb')), answer);
    assert.equal(memo.find(world, { ...peer, port: 5000 }, queryOf('web')), answer);
    assert.equal(memo.find(world, peer, queryOf('Web')), undefined);
    assert.equal(memo.find(world, { ...peer, address: '10.244.0.8' }, queryOf('web')), undefined);
    assert.equal(memo.find(world, { ...peer, protocol: 'tcp' }, queryOf('web')), undefined);
  });

  test('knows nothing in another world, not even in one with the same objects', () => {
    const memo = new AnswerMemo();
    memo.keep(world, peer, { query: queryOf('web'), answer: answerOf() });
    assert.equal(memo.find({ ...world }, peer, queryOf('web')), undefined);
  });

  test('knows nothing of an older world once something newer was kept', () => {
    const memo = new AnswerMemo();
    memo.keep(world, peer, { query: queryOf('web'), answer: answerOf() });
    memo.keep({ ...world }, peer, { query: queryOf('db'), answer: answerOf() });
    assert.equal(memo.find(world, peer, queryOf('web')), undefined);
  });

  const refused = [
    { what: 'a long query', query: queryOf('x'.repeat(254)), answer: answerOf(), from: peer },
    { what: 'a long answer', query: queryOf('web'), answer: answerOf(513), from: peer },
    {
      what: 'what came over TCP',
      query: queryOf('web'),
      answer: answerOf(),
      from: { ...peer, protocol: 'tcp' },
    },
  ] as const;
  for (const { what, query, answer, from } of refused) {
    test(`does not keep ${what}`, () => {
      const memo = new AnswerMemo();
      memo.keep(world, from, { query, answer });
      assert.equal(memo.find(world, from, query), undefined);
      assert.equal(memo.find(world, peer, query), undefined);
    });
  }

  test('begins anew when it is full', () => {
    const memo = new AnswerMemo();
    for (let index = 0; index <= 16_384; index += 1) {
      memo.keep(world, peer, { query: queryOf(String(index)), answer: answerOf() });
    }
    assert.equal(memo.find(world, peer, queryOf('0')), undefined);
    assert.notEqual(memo.find(world, peer, queryOf('16384')), undefined);
  });
});
