import { cidrOf, lastAddress, formatAddress, parseAddress, familyBits } from '../ip/index.ts';
import { dataTypes, fieldsText, type DataTypeName, type FieldValue } from './datatype.ts';
import { durationText } from './duration.ts';
import type { Element } from './element.ts';
import type { SetDefinition } from './set.ts';
import { verdictText } from './verdict.ts';

/** The length of the prefix that covers exactly `first` to `last`, or `undefined` when none does. */
function prefixOf(first: FieldValue, last: FieldValue): number | undefined {
  const address = parseAddress(String(first));
  if (address === undefined) return undefined;
  for (let length = familyBits(address.family); length >= 0; length -= 1) {
    const block = cidrOf(address, length);
    if (block.base !== address.value) return undefined;
    if (formatAddress(lastAddress(block)) === String(last)) return length;
  }
  return undefined;
}

function intervalText(type: DataTypeName, first: FieldValue, last: FieldValue): string {
  const start = dataTypes[type].text(first);
  if (first === last) return start;
  const prefix = prefixOf(first, last);
  return prefix === undefined ? `${start}-${dataTypes[type].text(last)}` : `${start}/${prefix}`;
}

function keyText(set: SetDefinition, { key, keyEnd }: Element): string {
  if (keyEnd === undefined) return fieldsText(set.key, key);
  return set.key
    .map((type, index) => intervalText(type, key[index] ?? '', keyEnd[index] ?? ''))
    .join(' . ');
}

/** One element as `nft list` prints it: `10.96.0.1 . tcp . 80 : goto dnat-2`. */
export function elementText(set: SetDefinition, element: Element): string {
  const { data, verdict, object } = element;
  const parts = [keyText(set, element)];
  if (set.counter === true) parts.push('counter packets 0 bytes 0');
  if (element.timeout !== undefined) parts.push(`timeout ${durationText(element.timeout)}`);
  if (element.expires !== undefined) parts.push(`expires ${durationText(element.expires)}`);
  if (element.comment !== undefined) parts.push(`comment ${JSON.stringify(element.comment)}`);
  if (verdict !== undefined) parts.push(`: ${verdictText(verdict)}`);
  if (data !== undefined && Array.isArray(set.data)) {
    parts.push(`: ${fieldsText(set.data as readonly DataTypeName[], data)}`);
  }
  if (object !== undefined) parts.push(`: ${JSON.stringify(object)}`);
  return parts.join(' ');
}
