import { NLA_F_NESTED, readMessages } from '../../netlink/index.ts';

/** A message without what may differ: acknowledgement flag, sequence number, port id, padding, attribute order. */
export interface Comparable {
  readonly type: number;
  readonly flags: number;
  readonly header: string;
  readonly attributes: readonly unknown[];
}

const NLM_F_ACK = 0x4;
const NFGEN_LENGTH = 4;

/** Cuts a batch into messages that compare with `deepEqual`; attributes are sorted, nests are opened. */
export function comparable(datagram: Uint8Array): Comparable[] {
  return readMessages(datagram).map(({ type, flags, body }) => ({
    type,
    flags: flags & ~NLM_F_ACK,
    header: body.toString('hex', 0, NFGEN_LENGTH),
    attributes: withoutOptional(attributesOf(body.subarray(NFGEN_LENGTH))).filter(
      ([id]) => !(ELEMENT_MESSAGES.has(type) && id === LIST_SET_ID),
    ),
  }));
}

/** NFTA_SET_ELEM_LIST_SET_ID. */
const LIST_SET_ID = 4;
/** NFT_MSG_NEWSETELEM and _DELSETELEM on the wire. */
const ELEMENT_MESSAGES: ReadonlySet<number> = new Set([0x0a0c, 0x0a0e]);
/** By expression: NFTA_LOOKUP_SET_ID, NFTA_DYNSET_SET_ID, and NFTA_BITWISE_OP, whose default nft sometimes names. */
const optional = new Map([
  [Buffer.from('lookup\0').toString('hex'), 4],
  [Buffer.from('dynset\0').toString('hex'), 2],
  [Buffer.from('bitwise\0').toString('hex'), 6],
]);

type Found = readonly [number, unknown];

/** Drops what nft may say or not: numbers of sets beside their names, and defaults. */
function withoutOptional(attributes: readonly Found[]): readonly Found[] {
  const name = attributes.find(([type]) => type === 1)?.[1];
  const dropped = typeof name === 'string' ? optional.get(name) : undefined;
  return attributes.map(([type, value]): Found => {
    if (!Array.isArray(value)) return [type, value];
    const inner = value as readonly Found[];
    const kept =
      dropped !== undefined && type === 2 ? inner.filter(([id]) => id !== dropped) : inner;
    return [type, withoutOptional(kept)];
  });
}

/** Walks the attributes by hand: the flag for nests, which readers drop, says what to open. */
function attributesOf(bytes: Buffer): Found[] {
  const found: Found[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(at);
    const type = bytes.readUInt16LE(at + 2);
    if (length < 4) break;
    const value = bytes.subarray(at + 4, at + length);
    const isNested = (type & NLA_F_NESTED) !== 0;
    found.push([type & ~NLA_F_NESTED, isNested ? attributesOf(value) : value.toString('hex')]);
    at += (length + 3) & ~3;
  }
  return isList(found) ? found : found.sort(([a], [b]) => a - b);
}

/** A list repeats one type; its order means something. */
function isList(found: readonly Found[]): boolean {
  return found.length > 1 && found.every(([type]) => type === found[0]?.[0]);
}
