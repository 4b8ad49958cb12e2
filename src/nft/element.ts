import { attributeMap, readAttributes, type AttributeWriter } from '../netlink/index.ts';
import { readData, writeData } from './data.ts';
import { decodeFields, encodeFields, type FieldValue } from './datatype.ts';
import { predecessor, successor } from './key-order.ts';
import { readString, readU32, readU64, type Attributes } from './reading.ts';
import { isConcatenated, type SetDefinition } from './set.ts';
import { commentEntry, encodeUserdata, readComment } from './userdata.ts';
import { readVerdict, writeVerdict, type Verdict } from './verdict.ts';

const NFTA_SET_ELEM = {
  KEY: 1,
  DATA: 2,
  FLAGS: 3,
  TIMEOUT: 4,
  EXPIRATION: 5,
  USERDATA: 6,
  OBJREF: 9,
  KEY_END: 10,
} as const;
const INTERVAL_END = 1;
const NFTNL_UDATA_SET_ELEM_COMMENT = 0;

/** One member of a set, or one entry of a map. */
export interface Element {
  readonly key: readonly FieldValue[];
  /** The last key of an interval, included. */
  readonly keyEnd?: readonly FieldValue[];
  /** What a map answers. */
  readonly data?: readonly FieldValue[];
  /** What a verdict map answers. */
  readonly verdict?: Verdict;
  /** The named counter that an object map answers. */
  readonly object?: string;
  /** Milliseconds that the element lives, and those it still has: all of them when it is added without. */
  readonly timeout?: number;
  readonly expires?: number;
  readonly comment?: string;
}

/** The identity of an element within its set. */
export function elementKey(element: Element): string {
  const start = element.key.join(' . ');
  return element.keyEnd === undefined ? start : `${start} - ${element.keyEnd.join(' . ')}`;
}

/** Writes the wire elements of one element, each in a nest that `nest` opens: two for an interval of single keys. */
export function writeElement(
  element: Element,
  set: SetDefinition,
  nest: (fill: (into: AttributeWriter) => void) => void,
): void {
  const key = encodeFields(set.key, element.key);
  if (set.interval !== true || isConcatenated(set)) {
    const end = encodeFields(set.key, element.keyEnd ?? element.key);
    nest((into) =>
      writeParts(into, { element, set, key, ...(set.interval === true ? { end } : {}) }),
    );
    return;
  }
  // rbtree sets hold an interval as its first key and, flagged, the first key after it; the last key has none after.
  const after = successor(encodeFields(set.key, element.keyEnd ?? element.key));
  nest((into) => writeParts(into, { element, set, key }));
  if (after !== undefined) nest((into) => writeIntervalEnd(into, after));
}

interface Parts {
  readonly element: Element;
  readonly set: SetDefinition;
  readonly key: Buffer;
  readonly end?: Buffer;
}

function writeParts(into: AttributeWriter, { element, set, key, end }: Parts): void {
  const { verdict } = element;
  if (element.timeout !== undefined) into.u64be(NFTA_SET_ELEM.TIMEOUT, BigInt(element.timeout));
  if (element.expires !== undefined) into.u64be(NFTA_SET_ELEM.EXPIRATION, BigInt(element.expires));
  writeData(into, NFTA_SET_ELEM.KEY, key);
  if (end !== undefined) writeData(into, NFTA_SET_ELEM.KEY_END, end);
  if (verdict !== undefined) {
    into.nested(NFTA_SET_ELEM.DATA, (data) => writeVerdict(data, verdict));
  } else if (element.data !== undefined && Array.isArray(set.data)) {
    writeData(into, NFTA_SET_ELEM.DATA, encodeFields(set.data, element.data));
  }
  if (element.comment !== undefined) {
    const entry = commentEntry(NFTNL_UDATA_SET_ELEM_COMMENT, element.comment);
    into.bytes(NFTA_SET_ELEM.USERDATA, encodeUserdata([entry]));
  }
  if (element.object !== undefined) into.string(NFTA_SET_ELEM.OBJREF, element.object);
}

function writeIntervalEnd(into: AttributeWriter, key: Buffer): void {
  into.u32be(NFTA_SET_ELEM.FLAGS, INTERVAL_END);
  writeData(into, NFTA_SET_ELEM.KEY, key);
}

/** Reads a list of wire elements (the payload of NFTA_SET_ELEM_LIST_ELEMENTS) back into elements. */
export function readElements(set: SetDefinition, list: Buffer): Element[] {
  const wire = readAttributes(list).map(({ value }) => attributeMap(value));
  const isPaired = set.interval === true && !isConcatenated(set);
  return isPaired
    ? pairIntervals(set, wire)
    : wire.map((attributes) => readElement(set, attributes));
}

/** Joins starts with the ends that follow them in key order; the kernel lists a tree in descending order. */
function pairIntervals(set: SetDefinition, wire: readonly Attributes[]): Element[] {
  const sorted = wire
    .map((attributes) => ({
      attributes,
      key: readData(attributes.get(NFTA_SET_ELEM.KEY)),
      isEnd: (readU32(attributes, NFTA_SET_ELEM.FLAGS) & INTERVAL_END) !== 0,
    }))
    .sort((a, b) => Buffer.compare(a.key, b.key) || Number(b.isEnd) - Number(a.isEnd));
  return sorted.flatMap(({ attributes, isEnd }, index) => {
    if (isEnd) return [];
    const element = readElement(set, attributes);
    const next = sorted[index + 1];
    const last = predecessor(
      next?.isEnd === true ? next.key : undefined,
      sorted[index]?.key.length ?? 0,
    );
    const keyEnd = decodeFields(set.key, last);
    return [keyEnd.join() === element.key.join() ? element : { ...element, keyEnd }];
  });
}

function readElement(set: SetDefinition, attributes: Attributes): Element {
  const key = decodeFields(set.key, readData(attributes.get(NFTA_SET_ELEM.KEY)));
  const end = attributes.get(NFTA_SET_ELEM.KEY_END);
  const keyEnd = end && decodeFields(set.key, readData(end));
  const timeout = Number(readU64(attributes, NFTA_SET_ELEM.TIMEOUT));
  const comment = readComment(attributes.get(NFTA_SET_ELEM.USERDATA), NFTNL_UDATA_SET_ELEM_COMMENT);
  const object = readString(attributes, NFTA_SET_ELEM.OBJREF);
  return {
    key,
    ...(keyEnd === undefined || keyEnd.join() === key.join() ? {} : { keyEnd }),
    ...readAnswer(set, attributes.get(NFTA_SET_ELEM.DATA)),
    ...(object === '' ? {} : { object }),
    ...(timeout === 0
      ? {}
      : { timeout, expires: Number(readU64(attributes, NFTA_SET_ELEM.EXPIRATION)) }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function readAnswer(
  set: SetDefinition,
  data: Buffer | undefined,
): Pick<Element, 'data' | 'verdict'> {
  if (data === undefined || set.data === undefined) return {};
  if (set.data !== 'verdict') return { data: decodeFields(set.data, readData(data)) };
  const verdict = readVerdict(data);
  return verdict === undefined ? {} : { verdict };
}
