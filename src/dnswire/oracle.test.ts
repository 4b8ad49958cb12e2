import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import packet from 'dns-packet';
import { recordClasses, recordTypes } from './constants.ts';
import { encodeMessage } from './encode.ts';
import type { ResourceRecord } from './message.ts';
import { addressRecord, decoded, queryOf } from './testing/messages.ts';

const name = 'db.default.svc.cluster.local.';
const bare = name.slice(0, -1);

function record(type: number, data: ResourceRecord['data']): ResourceRecord {
  return { name, type, class: recordClasses.IN, ttl: 30, data };
}

const authority = {
  kind: 'authority',
  primary: 'ns.dns.cluster.local.',
  mailbox: 'hostmaster.cluster.local.',
  serial: 1,
  refresh: 7200,
  retry: 1800,
  expire: 86_400,
  minimum: 5,
} as const;

/** Our record, and what dns-packet calls its type and data. */
const rows: readonly (readonly [ResourceRecord, string, unknown])[] = [
  [addressRecord(name, '10.96.0.1'), 'A', '10.96.0.1'],
  [addressRecord(name, 'fd00:10:96::1'), 'AAAA', 'fd00:10:96::1'],
  [record(recordTypes.CNAME, { kind: 'name', name: 'example.com.' }), 'CNAME', 'example.com'],
  [record(recordTypes.PTR, { kind: 'name', name: 'web.local.' }), 'PTR', 'web.local'],
  [record(recordTypes.NS, { kind: 'name', name: 'ns.local.' }), 'NS', 'ns.local'],
  [
    record(recordTypes.MX, { kind: 'mail', preference: 10, exchange: 'mail.local.' }),
    'MX',
    { preference: 10, exchange: 'mail.local' },
  ],
  [
    record(recordTypes.SRV, { kind: 'service', priority: 1, weight: 50, port: 80, target: name }),
    'SRV',
    { priority: 1, weight: 50, port: 80, target: bare },
  ],
  [
    record(recordTypes.TXT, { kind: 'text', texts: ['1.1.0', 'x'] }),
    'TXT',
    [Buffer.from('1.1.0'), Buffer.from('x')],
  ],
  [
    record(recordTypes.SOA, authority),
    'SOA',
    {
      mname: 'ns.dns.cluster.local',
      rname: 'hostmaster.cluster.local',
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: 5,
    },
  ],
];

describe('dns-packet, an independent codec, agrees', () => {
  for (const [ours, type, data] of rows) {
    test(`${type}: it reads what we write`, () => {
      const theirs = packet.decode(encodeMessage({ ...queryOf(name), answers: [ours] }));
      const [answer] = theirs.answers ?? [];
      assert.equal(answer?.type, type);
      assert.equal(answer.name, bare);
      assert.deepEqual((answer as { data: unknown }).data, data);
    });

    test(`${type}: we read what it writes`, () => {
      const answer = { type, name: bare, ttl: 30, class: 'IN', data } as packet.Answer;
      const bytes = packet.encode({ type: 'response', id: 7, answers: [answer] });
      assert.deepEqual(decoded(bytes).answers, [ours]);
    });
  }

  test('EDNS', () => {
    const edns = { udpSize: 1232, version: 0, isDnssecOk: true, options: [] };
    const theirs = packet.decode(encodeMessage({ ...queryOf(name), edns }));
    const [opt] = theirs.additionals ?? [];
    assert.ok(opt?.type === 'OPT');
    assert.deepEqual([opt.udpPayloadSize, opt.flag_do], [1232, true]);
  });
});
