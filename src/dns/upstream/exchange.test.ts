import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  encodeMessage,
  opcodes,
  rcodes,
  recordClasses,
  recordTypes,
  type Message,
} from '../../dnswire/index.ts';
import { queryOf } from '../../dnswire/testing/messages.ts';
import { answerIn, exchangeUdp } from './exchange.ts';

const query = queryOf('a.example.', recordTypes.A, 4711);
const response: Message = { ...query, isResponse: true };

function isTaken(change: Partial<Message>): boolean {
  return answerIn(encodeMessage({ ...response, ...change }), query) !== undefined;
}

const question = { name: 'a.example.', type: recordTypes.A, class: recordClasses.IN };

describe('what is an answer to a question', () => {
  const rows: readonly (readonly [string, Partial<Message>, boolean])[] = [
    ['its own question', {}, true],
    ['its question in other case', { questions: [{ ...question, name: 'A.Example.' }] }, true],
    ['another identifier', { id: 4712 }, false],
    ['a query', { isResponse: false }, false],
    ['another operation', { opcode: opcodes.NOTIFY }, false],
    ['another name', { questions: [{ ...question, name: 'b.example.' }] }, false],
    ['another type', { questions: [{ ...question, type: recordTypes.AAAA }] }, false],
    ['another class', { questions: [{ ...question, class: recordClasses.CH }] }, false],
    ['a second question', { questions: [question, question] }, false],
    ['no question', { questions: [] }, false],
    ['FORMERR without a question', { questions: [], rcode: rcodes.FORMERR }, true],
    ['NOTIMP without a question', { questions: [], rcode: rcodes.NOTIMP }, true],
    ['NXDOMAIN without a question', { questions: [], rcode: rcodes.NXDOMAIN }, false],
  ];
  for (const [what, change, taken] of rows) {
    test(`${what}: ${taken ? 'taken' : 'dropped'}`, () => assert.equal(isTaken(change), taken));
  }
});

describe('asking over UDP', () => {
  test('a place that cannot be connected to fails the question, not the process', async () => {
    // The kernel refuses broadcast addresses without SO_BROADCAST (ip(7)), as it refuses those without a route.
    const to = { address: '255.255.255.255', port: 53, isSecure: false };
    await assert.rejects(exchangeUdp({ to, query, timeoutMs: 1000 }), { code: 'EACCES' });
  });
});
