import { familyBits, type Address, type Family } from './address.ts';
import { cidrOf, firstAddress, type Cidr } from './cidr.ts';

/**
 * A path-compressed binary trie: a node stands where a stored prefix ends or where two of them part.
 *
 *     10.0.0.0/8 ─┬─ 10.0.0.0/16
 *                 └─ 10.244.0.0/16 (no value) ─┬─ 10.244.1.0/24
 *                                              └─ 10.244.2.0/24
 */
interface Node<T> {
  readonly cidr: Cidr;
  /** The address bits as 32-bit words, most significant first: bit tests on them are fast, on bigints slow. */
  readonly words: readonly number[];
  entry: { readonly value: T } | undefined;
  readonly children: [Node<T> | undefined, Node<T> | undefined];
}

/** A stored prefix with its value. */
export interface PrefixEntry<T> {
  readonly cidr: Cidr;
  readonly value: T;
}

/** Values by prefix, for both families, found by the most specific prefix that holds an address. */
export class PrefixTrie<T> {
  private readonly roots: Record<Family, Node<T>> = { 4: rootOf(4), 6: rootOf(6) };
  private count = 0;

  /** How many prefixes are stored. */
  get size(): number {
    return this.count;
  }

  /** Stores a value under a prefix, over what was there. */
  set(cidr: Cidr, value: T): this {
    const node = this.reach(cidr);
    if (node.entry === undefined) this.count += 1;
    node.entry = { value };
    return this;
  }

  /** The value under exactly this prefix. */
  get(cidr: Cidr): T | undefined {
    return this.find(cidr)?.entry?.value;
  }

  /** Removes exactly this prefix; false when it was not stored. */
  delete(cidr: Cidr): boolean {
    const path = this.path(cidr.family, wordsOf(firstAddress(cidr)), cidr.prefixLength);
    const node = path.at(-1);
    if (node?.entry === undefined || node.cidr.prefixLength !== cidr.prefixLength) return false;
    node.entry = undefined;
    this.count -= 1;
    for (let depth = path.length - 1; depth > 0; depth -= 1) prune(path[depth - 1], path[depth]);
    return true;
  }

  /** The entry of the longest prefix that holds the address. */
  match(address: Address): PrefixEntry<T> | undefined {
    const node = this.pathOf(address).findLast(({ entry }) => entry !== undefined);
    return node?.entry && { cidr: node.cidr, value: node.entry.value };
  }

  /** The entries of every prefix that holds the address, shortest first. */
  matches(address: Address): PrefixEntry<T>[] {
    return this.pathOf(address).flatMap(entryOf);
  }

  /** All entries in the order of `compareCidrs`. */
  *entries(): Generator<PrefixEntry<T>> {
    yield* walk(this.roots[4]);
    yield* walk(this.roots[6]);
  }

  private pathOf(address: Address): Node<T>[] {
    return this.path(address.family, wordsOf(address), familyBits(address.family));
  }

  /** The nodes from the root down whose prefixes hold the first `length` bits. */
  private path(family: Family, words: readonly number[], length: number): Node<T>[] {
    const path: Node<T>[] = [];
    let node: Node<T> | undefined = this.roots[family];
    while (node && holds(node, words, length)) {
      path.push(node);
      if (node.cidr.prefixLength === length) break;
      node = node.children[bitAt(words, node.cidr.prefixLength)];
    }
    return path;
  }

  private find(cidr: Cidr): Node<T> | undefined {
    const last = this.path(cidr.family, wordsOf(firstAddress(cidr)), cidr.prefixLength).at(-1);
    return last?.cidr.prefixLength === cidr.prefixLength ? last : undefined;
  }

  /** The node of a prefix, made where it is missing. */
  private reach(cidr: Cidr): Node<T> {
    const words = wordsOf(firstAddress(cidr));
    const path = this.path(cidr.family, words, cidr.prefixLength);
    const parent = path.at(-1) ?? this.roots[cidr.family];
    if (parent.cidr.prefixLength === cidr.prefixLength) return parent;
    const side = bitAt(words, parent.cidr.prefixLength);
    const below = parent.children[side];
    const { top, node } = below ? splitAbove(below, cidr, words) : leaf<T>(cidr, words);
    parent.children[side] = top;
    return node;
  }
}

/** What takes the place of a child, and the node of the new prefix in it. */
interface Branch<T> {
  readonly top: Node<T>;
  readonly node: Node<T>;
}

function leaf<T>(cidr: Cidr, words: readonly number[]): Branch<T> {
  const node = nodeOf<T>(cidr, words);
  return { top: node, node };
}

/**
 * Puts a new prefix above or beside `below`, which does not hold it: above when the prefix holds `below`, else
 * under a new node where the two part.
 */
function splitAbove<T>(below: Node<T>, cidr: Cidr, words: readonly number[]): Branch<T> {
  const shared = Math.min(
    commonBits(below.words, words),
    cidr.prefixLength,
    below.cidr.prefixLength,
  );
  const node = nodeOf<T>(cidr, words);
  const top = shared === cidr.prefixLength ? node : nodeOf<T>(cidrOf(firstAddress(cidr), shared));
  top.children[bitAt(below.words, shared)] = below;
  if (top !== node) top.children[bitAt(words, shared)] = node;
  return { top, node };
}

/** Takes an empty node out: nothing is left of a leaf, an only child takes its place. */
function prune<T>(parent: Node<T> | undefined, node: Node<T> | undefined): void {
  if (!parent || !node || node.entry) return;
  const [left, right] = node.children;
  if (left && right) return;
  parent.children[bitAt(node.words, parent.cidr.prefixLength)] = left ?? right;
}

function* walk<T>(node: Node<T>): Generator<PrefixEntry<T>> {
  yield* entryOf(node);
  for (const child of node.children) if (child) yield* walk(child);
}

function entryOf<T>({ cidr, entry }: Node<T>): PrefixEntry<T>[] {
  return entry ? [{ cidr, value: entry.value }] : [];
}

function rootOf<T>(family: Family): Node<T> {
  return nodeOf(cidrOf({ family, value: 0n }, 0));
}

function nodeOf<T>(cidr: Cidr, words: readonly number[] = wordsOf(firstAddress(cidr))): Node<T> {
  return { cidr, words, entry: undefined, children: [undefined, undefined] };
}

function wordsOf({ family, value }: Address): number[] {
  if (family === 4) return [Number(value)];
  return [96n, 64n, 32n, 0n].map((shift) => Number((value >> shift) & 0xffff_ffffn));
}

function bitAt(words: readonly number[], position: number): 0 | 1 {
  const word = words[position >>> 5] ?? 0;
  return ((word >>> (31 - (position & 31))) & 1) === 0 ? 0 : 1;
}

/** How many leading bits two addresses share. */
function commonBits(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length; index += 1) {
    const difference = (a[index] ?? 0) ^ (b[index] ?? 0);
    if (difference !== 0) return index * 32 + Math.clz32(difference);
  }
  return a.length * 32;
}

function holds<T>(node: Node<T>, words: readonly number[], length: number): boolean {
  const { prefixLength } = node.cidr;
  return prefixLength <= length && commonBits(node.words, words) >= prefixLength;
}
