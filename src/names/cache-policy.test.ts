import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  rcodes,
  recordClasses,
  recordTypes,
  type Message,
  type ResourceRecord,
} from '../dnswire/index.ts';
import { authorityRecord } from '../dnswire/testing/messages.ts';
import { addressRecord, nameRecord } from './reply.ts';
import { keepingOf } from './cache-policy.ts';
import type { CacheSettings } from './config.ts';

const bounds = { capacity: 10, maxTtl: 30, minTtl: 5 };
const settings: CacheSettings = {
  zones: ['.'],
  success: bounds,
  denial: bounds,
  servfailTtl: 5,
  keepsTtl: false,
};

const message: Message = {
  id: 1,
  isResponse: true,
  opcode: 0,
  isAuthoritative: false,
  isTruncated: false,
  isRecursionDesired: true,
  isRecursionAvailable: true,
  isAuthentic: false,
  isCheckingDisabled: false,
  rcode: rcodes.NOERROR,
  questions: [{ name: 'a.example.', type: recordTypes.A, class: recordClasses.IN }],
  answers: [],
  authorities: [],
  additionals: [],
};

const soa = (ttl: number, minimum: number): Message['authorities'] => [
  authorityRecord(ttl, minimum),
];
const answers = (...ttls: number[]): Message['answers'] =>
  ttls.map((ttl) => addressRecord('a.example.', '192.0.2.1', ttl));
const alias = (ttl: number): ResourceRecord =>
  nameRecord('a.example.', recordTypes.CNAME, { target: 'b.example.', ttl });
const nxdomain = { rcode: rcodes.NXDOMAIN };
const servfail = { rcode: rcodes.SERVFAIL };

describe('how long an upstream answer is kept', () => {
  const rows: readonly (readonly [string, Partial<Message>, string, Partial<CacheSettings>?])[] = [
    ['the shortest TTL', { answers: answers(20, 10) }, 'success 10'],
    ['at most the cap', { answers: answers(3600) }, 'success 30'],
    ['at least the minimum', { answers: answers(1) }, 'success 5'],
    ['TTL 0 never', { answers: answers(0, 20) }, 'not'],
    ['NXDOMAIN: TTL of the SOA', { ...nxdomain, authorities: soa(10, 20) }, 'denial 10'],
    ['NXDOMAIN: minimum of the SOA', { ...nxdomain, authorities: soa(20, 10) }, 'denial 10'],
    ['NODATA', { authorities: soa(10, 10) }, 'denial 10'],
    ['without an SOA never', nxdomain, 'not'],
    ['NODATA behind an alias', { answers: [alias(20)], authorities: soa(10, 10) }, 'denial 10'],
    ['an alias that ends before', { answers: [alias(7)], authorities: soa(10, 10) }, 'denial 7'],
    ['an alias alone', { answers: [alias(20)] }, 'success 20'],
    ['an alias and its target', { answers: [alias(20), ...answers(10)] }, 'success 10'],
    ['SERVFAIL', servfail, 'denial 5'],
    ['SERVFAIL, turned off', servfail, 'not', { servfailTtl: 0 }],
    ['truncated never', { isTruncated: true, answers: answers(10) }, 'not'],
    ['other codes never', { rcode: rcodes.REFUSED }, 'not'],
    ['another zone', { answers: answers(10) }, 'not', { zones: ['other.example.'] }],
  ];
  for (const [what, part, expected, change = {}] of rows) {
    test(what, () => {
      const keeping = keepingOf({ ...message, ...part }, { ...settings, ...change });
      assert.equal(keeping === undefined ? 'not' : `${keeping.kind} ${keeping.ttl}`, expected);
    });
  }
});
