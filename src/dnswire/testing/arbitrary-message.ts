import * as fc from 'fast-check';
import { recordClasses, recordTypes } from '../constants.ts';
import { formatAddress } from '../../ip/index.ts';
import type { Message, RecordData, ResourceRecord } from '../message.ts';

/** Plain objects, as decoders make them. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const label = fc
  .array(fc.constantFrom(...Array.from('abcXYZ019-_')), { minLength: 1, maxLength: 20 })
  .map((characters) => characters.join(''));
/** Labels of any bytes, escaped as names are. */
const strangeLabel = fc
  .uint8Array({ minLength: 1, maxLength: 15 })
  .map((bytes) => [...bytes].map(escapeByte).join(''));

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '.' || character === '\\') return `\\${character}`;
  if (byte > 0x20 && byte < 0x7f) return character;
  return `\\${String(byte).padStart(3, '0')}`;
}

/** Names, many of which share their ends. */
export const arbitraryName: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: label }, strangeLabel), { maxLength: 4 }),
    fc.constantFrom('', 'svc.cluster.local.', 'cluster.local.', 'Example.COM.'),
  )
  .map(([labels, end]) => `${labels.map((one) => `${one}.`).join('')}${end}`)
  .map((name) => (name === '' ? '.' : name));

const word = fc.integer({ min: 0, max: 0xffff });
const long = fc.integer({ min: 0, max: 0x7fff_ffff });
const v4 = fc
  .integer({ min: 0, max: 0xffff_ffff })
  .map((value) => formatAddress({ family: 4, value: BigInt(value) }));
const v6 = fc
  .bigInt({ min: 0n, max: 2n ** 128n - 1n })
  .map((value) => formatAddress({ family: 6, value }));
const text = fc
  .uint8Array({ maxLength: 255 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

type Typed = { readonly type: number; readonly data: RecordData };

function typed<T extends RecordData>(
  types: readonly number[],
  data: fc.Arbitrary<T>,
): fc.Arbitrary<Typed> {
  return record({ type: fc.constantFrom(...types), data });
}

const { A, AAAA, NS, CNAME, PTR, DNAME, MX, SRV, TXT, SOA } = recordTypes;

const data: fc.Arbitrary<Typed> = fc.oneof(
  typed([A], record({ kind: fc.constant('address' as const), address: v4 })),
  typed([AAAA], record({ kind: fc.constant('address' as const), address: v6 })),
  typed(
    [NS, CNAME, PTR, DNAME],
    record({ kind: fc.constant('name' as const), name: arbitraryName }),
  ),
  typed(
    [MX],
    record({ kind: fc.constant('mail' as const), preference: word, exchange: arbitraryName }),
  ),
  typed(
    [SRV],
    record({
      kind: fc.constant('service' as const),
      priority: word,
      weight: word,
      port: word,
      target: arbitraryName,
    }),
  ),
  typed(
    [TXT],
    record({
      kind: fc.constant('text' as const),
      texts: fc.array(text, { minLength: 1, maxLength: 3 }),
    }),
  ),
  typed(
    [SOA],
    record({
      kind: fc.constant('authority' as const),
      primary: arbitraryName,
      mailbox: arbitraryName,
      serial: long,
      refresh: long,
      retry: long,
      expire: long,
      minimum: long,
    }),
  ),
  typed(
    [65_280, 65_281],
    record({ kind: fc.constant('raw' as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
  ),
);

const resourceRecord: fc.Arbitrary<ResourceRecord> = record({
  name: arbitraryName,
  ttl: long,
  typed: data,
}).map(({ name, ttl, typed }) => ({ name, ttl, class: recordClasses.IN, ...typed }));

const records = fc.array(resourceRecord, { maxLength: 5 });

const edns = record({
  udpSize: word,
  version: fc.constant(0),
  isDnssecOk: fc.boolean(),
  options: fc.array(
    record({
      code: word,
      data: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    }),
    {
      maxLength: 2,
    },
  ),
});

/** Messages with any header, names, records and EDNS. */
export const arbitraryMessage: fc.Arbitrary<Message> = record({
  id: word,
  opcode: fc.integer({ min: 0, max: 15 }),
  isResponse: fc.boolean(),
  isAuthoritative: fc.boolean(),
  isTruncated: fc.boolean(),
  isRecursionDesired: fc.boolean(),
  isRecursionAvailable: fc.boolean(),
  isAuthentic: fc.boolean(),
  isCheckingDisabled: fc.boolean(),
  rcode: fc.integer({ min: 0, max: 15 }),
  questions: fc.array(record({ name: arbitraryName, type: word, class: word }), {
    maxLength: 2,
  }),
  answers: records,
  authorities: records,
  additionals: records,
  edns: fc.option(edns, { nil: undefined }),
}).map(({ edns, ...message }) => (edns === undefined ? message : { ...message, edns }));
