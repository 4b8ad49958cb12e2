import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml';
import type { FieldPath } from './contract.ts';

/** What stands at a field: the value, and the offset in the text where the field begins. */
interface Found {
  readonly value: Node;
  readonly offset: number;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

const MERGE = '<<';

/** The value of a merge key is a symbol. */
function keyText({ key }: Pair): string {
  if (!isScalar(key)) return '';
  return typeof key.value === 'symbol' ? MERGE : String(key.value);
}

/** Anchors are where a thing is written, aliases where it is meant. */
function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** The maps that a merge key (`<<`) takes in. */
function mergedMaps(pair: Pair, document: Document): unknown[] {
  const value = resolved(pair.value, document);
  return isSeq(value) ? value.items.map((item) => resolved(item, document)) : [value];
}

function inMap(node: unknown, name: string, document: Document): Found | undefined {
  if (!isMap(node)) return undefined;
  const own = node.items.find((pair) => keyText(pair) === name);
  const offset = startOf(own?.key);
  if (own !== undefined && offset !== undefined) {
    return { value: resolved(own.value, document) as Node, offset };
  }
  return node.items
    .filter((pair) => keyText(pair) === MERGE)
    .flatMap((pair) => mergedMaps(pair, document))
    .map((map) => inMap(map, name, document))
    .find((found) => found !== undefined);
}

function inSequence(node: unknown, position: number, document: Document): Found | undefined {
  if (!isSeq(node)) return undefined;
  const item = resolved(node.items[position], document);
  const offset = startOf(item);
  return offset === undefined ? undefined : { value: item as Node, offset };
}

/** The offset at which a field begins, or the deepest field on the way to it that is there. */
export function offsetOf(document: Document, path: FieldPath): number {
  let offset = startOf(document.contents) ?? 0;
  let node: unknown = document.contents;
  for (const step of path) {
    const found: Found | undefined =
      typeof step === 'number' ? inSequence(node, step, document) : inMap(node, step, document);
    if (found === undefined) break;
    ({ offset, value: node } = found);
  }
  return offset;
}
