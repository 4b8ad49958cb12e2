import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rcodes, recordTypes } from '../dnswire/index.ts';
import { completeReply, isFinal, prepend, renameOwner, withSearchAlias } from './complete.ts';
import type { NameVerdict, UpstreamQuestion } from './contract.ts';
import { addressRecord, answer, emptyReply, nameRecord, replyOf } from './reply.ts';
import { replyText } from './testing/ask.ts';

const searched = 'db.example.com.default.svc.cluster.local.';
const name = 'db.example.com.';
const found = replyOf([addressRecord(name, '192.0.2.1', 60)]);
const alias = nameRecord('a.cluster.local.', recordTypes.CNAME, { target: name, ttl: 30 });

const question: UpstreamQuestion = {
  kind: 'ask',
  forward: {} as UpstreamQuestion['forward'],
  name,
  type: recordTypes.A,
  prefix: [],
  others: [],
};

describe('an answer under the name that was searched', () => {
  test('begins with an alias, which lives as long as what it leads to', () => {
    const { answers } = withSearchAlias(found, searched);
    assert.equal(
      replyText({ ...found, answers }, searched),
      `NOERROR CNAME ${name}; ${name} A 192.0.2.1`,
    );
    assert.equal(answers[0]?.ttl, 60);
  });

  test('has none when it is the same name, whatever its case, or when there is no record', () => {
    assert.equal(withSearchAlias(found, name.toUpperCase()), found);
    const nothing = emptyReply(rcodes.NOERROR);
    assert.equal(withSearchAlias(nothing, searched), nothing);
  });
});

describe('an answer from upstream', () => {
  const rows = [
    { what: 'passes as it is', change: {}, asked: name, expected: 'NOERROR A 192.0.2.1' },
    {
      what: 'follows the aliases that led there',
      change: { prefix: [alias] },
      asked: 'a.cluster.local.',
      expected: `NOERROR CNAME ${name}; ${name} A 192.0.2.1`,
    },
    {
      what: 'has the name before a rewrite',
      change: { owner: 'old.example.com.' },
      asked: 'old.example.com.',
      expected: 'NOERROR A 192.0.2.1',
    },
    {
      what: 'has the alias of the search path',
      change: { searched },
      asked: searched,
      expected: `NOERROR CNAME ${name}; ${name} A 192.0.2.1`,
    },
  ];
  for (const { what, change, asked, expected } of rows) {
    test(what, () => {
      const reply = completeReply({ ...question, ...change }, found);
      assert.equal(replyText(reply, asked), expected);
    });
  }

  test('is not authoritative once our records stand before it', () => {
    const reply = completeReply({ ...question, prefix: [alias] }, found);
    assert.equal(reply.isAuthoritative, false);
  });
});

describe('a verdict to come', () => {
  const forward: NameVerdict = {
    action: 'forward',
    attempts: [question, { kind: 'known', reply: found }],
    otherwise: found,
    steps: [],
  };

  test('has records before every answer it may have', () => {
    const verdict = prepend(forward, [alias]);
    assert.ok(verdict.action === 'forward');
    const [ask, known] = verdict.attempts;
    assert.deepEqual(ask?.kind === 'ask' ? ask.prefix : undefined, [alias]);
    assert.equal(known?.kind === 'known' ? known.reply.answers.length : 0, 2);
    assert.equal(verdict.otherwise?.answers.length, 2);
  });

  test('gives another name to every answer it may have', () => {
    const verdict = renameOwner(forward, name, 'old.example.com.');
    assert.ok(verdict.action === 'forward');
    const [ask, known] = verdict.attempts;
    assert.equal(ask?.kind === 'ask' ? ask.owner : '', 'old.example.com.');
    assert.equal(known?.kind === 'known' ? known.reply.answers[0]?.name : '', 'old.example.com.');
  });

  test('renames the alias that the client sees, not its target', () => {
    const aliased: NameVerdict = { ...forward, attempts: [{ ...question, prefix: [alias] }] };
    const verdict = renameOwner(aliased, 'A.cluster.local.', 'old.example.com.');
    assert.ok(verdict.action === 'forward');
    const [ask] = verdict.attempts;
    assert.ok(ask?.kind === 'ask');
    assert.deepEqual([ask.prefix[0]?.name, ask.owner], ['old.example.com.', undefined]);
  });
});

test('an answer that is known is changed in place', () => {
  const step = { responder: 'kubernetes', name, reason: 'CLUSTER_IP' } as const;
  const verdict = prepend(answer(found, step), [alias]);
  assert.ok(verdict.action === 'answer');
  assert.equal(verdict.reply.answers.length, 2);
});

test('only an answer without an error ends the walk', () => {
  const codes = [rcodes.NOERROR, rcodes.NXDOMAIN, rcodes.SERVFAIL, rcodes.REFUSED];
  assert.deepEqual(
    codes.map((rcode) => isFinal(emptyReply(rcode))),
    [true, false, false, false],
  );
});
