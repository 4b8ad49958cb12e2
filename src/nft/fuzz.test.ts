import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { Fault } from '../fault/index.ts';
import { attributeMap, AttributeWriter, readMessages } from '../netlink/index.ts';
import { readChain } from './chain.ts';
import {
  dataTypes,
  decodeFields,
  encodeFields,
  type DataTypeName,
  type FieldValue,
} from './datatype.ts';
import { readElements } from './element.ts';
import { readExpression, writeExpression } from './expression.ts';
import { readNamedCounter } from './named-counter.ts';
import { readNotice } from './notice.ts';
import { readRule } from './rule.ts';
import { readSet, type SetDefinition } from './set.ts';
import { readTable } from './table.ts';
import { readVerdict, writeVerdict } from './verdict.ts';
import type { Capture } from './testing/capture.ts';
import { ruleCases } from './testing/rule-cases.ts';

const set: SetDefinition = {
  family: 'ip',
  table: 't',
  name: 's',
  key: ['ipv4_addr'],
  interval: true,
};

/** Every reader of a message body; each must give an object or say what is wrong with a Fault. */
const readers = [
  (bytes: Buffer) => readTable('ip', attributeMap(bytes)),
  (bytes: Buffer) => readChain('ip', attributeMap(bytes)),
  (bytes: Buffer) => readRule('ip', attributeMap(bytes)),
  (bytes: Buffer) => readSet('ip', attributeMap(bytes)),
  (bytes: Buffer) => readNamedCounter('ip', attributeMap(bytes)),
  (bytes: Buffer) => readElements(set, bytes),
  (bytes: Buffer) => readElements({ ...set, interval: false, data: 'verdict' }, bytes),
  readExpression,
  readVerdict,
  // NFT_MSG_NEWRULE and NFT_MSG_NEWGEN.
  (body: Buffer) => readNotice({ type: 0x0a06, body }),
  (body: Buffer) => readNotice({ type: 0x0a0f, body }),
];

function readsOrFaults(bytes: Buffer): void {
  for (const read of readers) {
    try {
      read(bytes);
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
    }
  }
}

const file = new URL('testdata/captures.json', import.meta.url);
const captures = JSON.parse(readFileSync(file, 'utf8')) as Capture[];
const bodies = captures.flatMap(({ sent }) =>
  readMessages(Buffer.from(sent, 'hex')).map(({ body }) => Buffer.from(body.subarray(4))),
);

describe('the decoder', () => {
  test('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readsOrFaults(Buffer.from(bytes))),
    );
  });

  test('survives real messages with bytes changed or cut off', () => {
    const damage = fc.tuple(fc.constantFrom(...bodies), fc.nat(), fc.nat(255), fc.nat());
    fc.assert(
      fc.property(damage, ([body, at, byte, cut]) => {
        const bytes = Buffer.from(body);
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        readsOrFaults(bytes.subarray(0, bytes.length - (cut % (bytes.length + 1))));
        readsOrFaults(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test('gives every expression back that was written', () => {
    for (const { operations } of ruleCases) {
      for (const operation of operations) {
        if (!('rule' in operation)) continue;
        for (const expression of operation.rule.expressions) {
          const writer = new AttributeWriter();
          writeExpression(writer, expression);
          assert.deepEqual(readExpression(Buffer.from(writer.finish())), expression);
        }
      }
    }
  });
});

const values: Readonly<Record<string, fc.Arbitrary<FieldValue>>> = {
  ipv4_addr: fc.ipV4(),
  inet_service: fc.nat(65_535),
  inet_proto: fc.constantFrom('tcp', 'udp', 'sctp', '200'),
  mark: fc.nat(0xffff_ffff),
  numgen: fc.nat(0xffff_ffff),
  ifname: fc.stringMatching(/^[a-z0-9]{1,15}$/),
};

test('a verdict that nft has no word for is not taken for another', () => {
  const writer = new AttributeWriter();
  writeVerdict(writer, { code: 'drop' });
  const data = Buffer.from(writer.finish());
  assert.deepEqual(readVerdict(data), { code: 'drop' });
  // NF_STOLEN, in the last byte of the code.
  data[data.length - 1] = 2;
  assert.throws(() => readVerdict(data), { code: 'NFT_UNKNOWN' });
});

describe('fields', () => {
  test('come back as they went in, however they are concatenated', () => {
    const names = Object.keys(values) as DataTypeName[];
    const types = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 5 });
    const typed = types.chain((chosen) =>
      fc.tuple(
        fc.constant(chosen),
        fc.tuple(...chosen.map((type) => values[type] ?? fc.constant(0))),
      ),
    );
    fc.assert(
      fc.property(typed, ([chosen, given]) => {
        assert.deepEqual(decodeFields(chosen, encodeFields(chosen, given)), given);
      }),
    );
  });

  test('are written alike by the quick and the strict reader of IPv4', () => {
    for (const text of [
      '1.2.3',
      '1.2.3.4.5',
      '01.2.3.4',
      '1.2.3.256',
      '.1.2.3',
      '1..2.3',
      '1.2.3.',
      'a.b.c.d',
      '',
    ]) {
      assert.throws(() => encodeFields(['ipv4_addr'], [text]), { code: 'INVALID_ADDRESS' }, text);
    }
    assert.throws(() => encodeFields(['ipv4_addr'], ['fd00::1']), { code: 'INVALID_ADDRESS' });
    assert.throws(() => encodeFields(['ipv6_addr'], ['10.0.0.1']), { code: 'INVALID_ADDRESS' });
    assert.equal(encodeFields(['ipv4_addr'], ['10.0.200.255']).toString('hex'), '0a00c8ff');
  });

  test('refuse keys of another length than their type', () => {
    assert.throws(() => encodeFields(['ipv4_addr', 'inet_service'], ['10.0.0.1']), {
      code: 'NFT_VALUE',
    });
    assert.throws(() => decodeFields(['ipv4_addr', 'inet_service'], Buffer.alloc(6)), {
      code: 'NFT_MALFORMED',
    });
  });

  test('refuse what is no value of their type, instead of writing another', () => {
    const wrong: readonly (readonly [DataTypeName, FieldValue])[] = [
      ['inet_service', 'http'],
      ['inet_service', ''],
      ['inet_service', 65_536],
      ['inet_service', 80.5],
      ['inet_proto', 'SCTPP'],
      ['inet_proto', 'constructor'],
      ['inet_proto', 256],
      ['mark', -1],
      ['mark', 2 ** 32],
      ['ifname', 'sixteen-bytes-is'],
    ];
    for (const [type, value] of wrong) {
      assert.throws(() => encodeFields([type], [value]), { code: 'NFT_VALUE' }, `${type} ${value}`);
    }
  });

  test('print as nft prints them', () => {
    assert.equal(dataTypes.mark.text(0x4000), '0x00004000');
    assert.equal(dataTypes.ct_state.text(8), 'new');
    assert.equal(dataTypes.ifname.text('eth0'), '"eth0"');
  });
});
