import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { MAX_MESSAGE, recordClasses, recordTypes } from './constants.ts';
import { encodeMessage } from './encode.ts';
import { isName, wireLength } from './name.ts';
import { recordText } from './record-text.ts';
import { arbitraryMessage } from './testing/arbitrary-message.ts';
import { addressRecord, decoded, queryOf } from './testing/messages.ts';

describe('messages', () => {
  test('a query is the bytes that RFC 1035 says', () => {
    const hex = '00010100000100000000000003776562056c6f63616c0000010001';
    assert.equal(encodeMessage(queryOf('web.local.')).toString('hex'), hex);
    assert.deepEqual(decoded(Buffer.from(hex, 'hex')), queryOf('web.local.'));
  });

  test('survive the way there and back', () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        assert.deepEqual(decoded(encodeMessage(message)), message);
      }),
    );
  });

  test('keep the case of every name, also where names share their end', () => {
    const message = {
      ...queryOf('WeB.Default.Svc.cluster.local.'),
      answers: [
        addressRecord('WeB.Default.Svc.cluster.local.', '10.96.0.1'),
        addressRecord('web.default.svc.CLUSTER.local.', '10.96.0.2'),
      ],
    };
    assert.deepEqual(decoded(encodeMessage(message)), message);
  });

  test('an answer for the name of the question takes a pointer for its owner', () => {
    const query = queryOf('web.default.svc.cluster.local.');
    const answer = {
      ...query,
      answers: [addressRecord('web.default.svc.cluster.local.', '10.96.0.1')],
    };
    assert.equal(encodeMessage(answer).length, encodeMessage(query).length + 16);
  });

  test('the target of an SRV record is not compressed', () => {
    const name = '_http._tcp.web.default.svc.cluster.local.';
    const target = 'web.default.svc.cluster.local.';
    const data = { kind: 'service', priority: 0, weight: 100, port: 80, target } as const;
    const answer = { name, type: recordTypes.SRV, class: recordClasses.IN, ttl: 30, data };
    const query = queryOf(name, recordTypes.SRV);
    const size = encodeMessage({ ...query, answers: [answer] }).length;
    assert.equal(size, encodeMessage(query).length + 12 + 6 + wireLength(target));
    assert.equal(recordText(answer), `${name} 30 IN SRV 0 100 80 ${target}`);
  });

  test('labels of any bytes have an escaped text', () => {
    const bytes = encodeMessage(queryOf(String.raw`a\.b\\c\000\255.local.`));
    assert.equal(bytes.subarray(12, 20).toString('hex'), '07612e625c6300ff');
    assert.equal(decoded(bytes).questions[0]?.name, String.raw`a\.b\\c\000\255.local.`);
  });

  test('the extended response code is split between header and OPT', () => {
    const edns = { udpSize: 1232, version: 0, isDnssecOk: true, options: [] };
    const message = { ...queryOf('.'), isResponse: true, rcode: 16, edns };
    assert.deepEqual(decoded(encodeMessage(message)), message);
  });

  for (const name of ['a..b.', `${'x'.repeat(64)}.`, 'abcdefg.'.repeat(32), 'snow☃.']) {
    test(`${name.slice(0, 12)} cannot be encoded`, () => {
      assert.throws(() => encodeMessage(queryOf(name)), { code: 'INVALID_DNS_NAME' });
    });
  }

  test('a name that is too long cannot be encoded, also when a pointer would make it short', () => {
    const end = 'abcdefg.'.repeat(20);
    const answers = [addressRecord(`${'x'.repeat(63)}.${'y'.repeat(63)}.${end}`, '10.0.0.1')];
    assert.throws(() => encodeMessage({ ...queryOf(end), answers }), { code: 'INVALID_DNS_NAME' });
  });

  test('what passes for a name can be encoded, and nothing else', () => {
    const pieces = fc.constantFrom(
      'a',
      'B',
      '.',
      '\\',
      '0',
      '1',
      '25',
      '255',
      '256',
      '☃',
      'é',
      ' ',
    );
    const texts = fc.oneof(
      fc.array(pieces, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
      fc.integer({ min: 1, max: 70 }).map((length) => `${'x'.repeat(length)}.`.repeat(4)),
    );
    fc.assert(
      fc.property(texts, (name) => {
        const encode = (): Buffer => encodeMessage(queryOf(name));
        if (isName(name)) assert.equal(encode().length, 12 + wireLength(name) + 4);
        else assert.throws(encode, { code: 'INVALID_DNS_NAME' });
      }),
      { numRuns: 2000 },
    );
  });

  test('the longest name there can be is encoded', () => {
    const name = `${`${'x'.repeat(63)}.`.repeat(3)}${'y'.repeat(61)}.`;
    assert.equal(wireLength(name), 255);
    assert.equal(decoded(encodeMessage(queryOf(name))).questions[0]?.name, name);
  });
});

describe('truncation', () => {
  const edns = { udpSize: 512, version: 0, isDnssecOk: false, options: [] };
  const full = {
    ...queryOf('db.default.svc.cluster.local.'),
    isResponse: true,
    answers: Array.from({ length: 200 }, (_, index) =>
      addressRecord('db.default.svc.cluster.local.', `10.244.0.${index}`),
    ),
    edns,
  };

  test('leaves whole answers out, sets TC and keeps OPT', () => {
    const bytes = encodeMessage(full, 512);
    const message = decoded(bytes);
    assert.ok(bytes.length <= 512 && bytes.length > 512 - 16);
    assert.equal(message.isTruncated, true);
    assert.deepEqual(message.edns, edns);
    assert.deepEqual(message.answers, full.answers.slice(0, message.answers.length));
  });

  test('additionals are left out without TC (RFC 2181 section 9)', () => {
    const additionals = full.answers.map((record, index) => ({ ...record, name: `p${index}.` }));
    const message = decoded(encodeMessage({ ...full, answers: [], additionals }, 512));
    assert.equal(message.isTruncated, false);
    assert.ok(message.additionals.length > 15);
    assert.deepEqual(message.additionals, additionals.slice(0, message.additionals.length));
  });

  test('additionals of one name and type are all there or none of them', () => {
    const first = addressRecord('one.', '10.0.0.1');
    const message = decoded(
      encodeMessage({ ...full, answers: [], additionals: [first, ...full.answers] }, 512),
    );
    assert.equal(message.isTruncated, false);
    assert.deepEqual(message.additionals, [first]);
  });

  test('never exceeds the limit and always leaves a message', () => {
    fc.assert(
      fc.property(
        arbitraryMessage,
        fc.integer({ min: 512, max: MAX_MESSAGE }),
        (message, limit) => {
          fc.pre(message.questions.length < 2);
          const bytes = encodeMessage(message, limit);
          assert.ok(bytes.length <= limit);
          assert.deepEqual(decoded(bytes).questions, message.questions);
        },
      ),
    );
  });
});
