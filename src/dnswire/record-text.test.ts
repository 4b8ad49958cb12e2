import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordTypes } from './constants.ts';
import type { RecordData, ResourceRecord } from './message.ts';
import { questionText, recordText } from './record-text.ts';

const name = 'web.default.svc.cluster.local.';

function record(type: number, data: RecordData): ResourceRecord {
  return { name, type, class: 1, ttl: 30, data };
}

/** Our record, and what dig prints after the owner, TTL and class. */
const rows: readonly (readonly [number, RecordData, string])[] = [
  [recordTypes.A, { kind: 'address', address: '10.96.0.1' }, 'A 10.96.0.1'],
  [recordTypes.AAAA, { kind: 'address', address: 'fd00::1' }, 'AAAA fd00::1'],
  [recordTypes.CNAME, { kind: 'name', name: 'example.com.' }, 'CNAME example.com.'],
  [recordTypes.PTR, { kind: 'name', name }, `PTR ${name}`],
  [recordTypes.MX, { kind: 'mail', preference: 10, exchange: 'mail.' }, 'MX 10 mail.'],
  [
    recordTypes.SRV,
    { kind: 'service', priority: 0, weight: 50, port: 80, target: name },
    `SRV 0 50 80 ${name}`,
  ],
  [
    recordTypes.TXT,
    { kind: 'text', texts: ['1.1.0', 'a "b" \\'] },
    String.raw`TXT "1.1.0" "a \"b\" \\"`,
  ],
  [
    recordTypes.SOA,
    {
      kind: 'authority',
      primary: 'ns.',
      mailbox: 'hostmaster.',
      serial: 7,
      refresh: 1,
      retry: 2,
      expire: 3,
      minimum: 4,
    },
    'SOA ns. hostmaster. 7 1 2 3 4',
  ],
  [1234, { kind: 'raw', bytes: Uint8Array.of(1, 0xab) }, String.raw`TYPE1234 \# 2 01ab`],
  [1234, { kind: 'raw', bytes: new Uint8Array() }, String.raw`TYPE1234 \# 0`],
];

describe('a record as dig prints it', () => {
  for (const [type, data, text] of rows) {
    test(text, () => assert.equal(recordText(record(type, data)), `${name} 30 IN ${text}`));
  }
});

test('a question as logs print it', () => {
  const text = questionText({ name, type: recordTypes.AAAA, class: 1 });
  assert.ok(text.includes('AAAA') && text.includes(name), text);
});
