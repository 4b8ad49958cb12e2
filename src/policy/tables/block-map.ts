import { familyBits, lastAddress, type Address, type Cidr, type Family } from '../../ip/index.ts';
import type { AddressClass, ClassTable, Signature } from './class-table.ts';

/** An interval of addresses that are all alike. */
export interface Interval {
  readonly first: Address;
  readonly last: Address;
  readonly class: AddressClass;
}

/** What somebody else decides about intervals. */
export interface IntervalKeeper {
  /** What policies can tell of an interval, by its first address; `undefined` for nothing. */
  readonly classify: (first: Address) => Signature | undefined;
  readonly classes: ClassTable;
  readonly added: (interval: Interval) => void;
  readonly removed: (interval: Interval) => void;
}

/**
 * The addresses of both families, cut into intervals at the borders of every block that somebody tells apart:
 *
 *     10.0.0.0/8        [───────────────────────────────]
 *     10.1.0.0/16              [──────]
 *     intervals     ...)[─────)[──────)[────────────────)[...
 */
export class BlockMap {
  private readonly families: Record<Family, FamilyLine> = {
    4: new FamilyLine(4),
    6: new FamilyLine(6),
  };

  /** Cuts at the borders of a block, once more. */
  cut(cidr: Cidr): void {
    this.families[cidr.family].cut(cidr, 1);
  }

  /** Takes one cut back. */
  join(cidr: Cidr): void {
    this.families[cidr.family].cut(cidr, -1);
  }

  classAt({ family, value }: Address): AddressClass | undefined {
    return this.families[family].classAt(value);
  }

  /** Classifies anew what lies in the blocks that were touched since. */
  refresh(keeper: IntervalKeeper): void {
    this.families[4].refresh(keeper);
    this.families[6].refresh(keeper);
  }

  /** Lets the next refresh ask about a block again. */
  touch(cidr: Cidr): void {
    this.families[cidr.family].touch(cidr);
  }
}

/** One family's intervals: `borders` are the first addresses of all of them, ascending. */
class FamilyLine {
  private readonly borders: bigint[] = [0n];
  private readonly cuts = new Map<bigint, number>();
  private readonly intervals = new Map<bigint, Interval>();
  private readonly gone = new Set<bigint>();
  private touched: readonly [first: bigint, last: bigint] | undefined;
  private readonly family: Family;
  private readonly end: bigint;

  constructor(family: Family) {
    this.family = family;
    this.end = (1n << BigInt(familyBits(family))) - 1n;
  }

  classAt(value: bigint): AddressClass | undefined {
    const border = this.borders[this.position(value + 1n) - 1];
    return border === undefined ? undefined : this.intervals.get(border)?.class;
  }

  cut(cidr: Cidr, count: 1 | -1): void {
    this.count(cidr.base, count);
    const last = lastAddress(cidr).value;
    if (last < this.end) this.count(last + 1n, count);
    this.touch(cidr);
  }

  /** One stretch for everything: changes come alone, or all at once. */
  touch(cidr: Cidr): void {
    const [first, last] = [cidr.base, lastAddress(cidr).value];
    const [from, to] = this.touched ?? [first, last];
    this.touched = [first < from ? first : from, last > to ? last : to];
  }

  refresh(keeper: IntervalKeeper): void {
    for (const border of this.gone) this.drop(border, keeper);
    this.gone.clear();
    if (this.touched === undefined) return;
    const [first, last] = this.touched;
    this.touched = undefined;
    // The neighbours on both sides have other ends now.
    let at = Math.max(this.position(first) - 1, 0);
    for (; at < this.borders.length; at += 1) {
      const border = this.borders[at] ?? 0n;
      if (border > last + 1n) break;
      const next = this.borders[at + 1];
      this.classify(border, next === undefined ? this.end : next - 1n, keeper);
    }
  }

  private classify(border: bigint, end: bigint, keeper: IntervalKeeper): void {
    const first = { family: this.family, value: border };
    const signature = keeper.classify(first);
    const found = signature && keeper.classes.join(signature);
    this.drop(border, keeper);
    if (found === undefined) return;
    const interval = { first, last: { family: this.family, value: end }, class: found };
    this.intervals.set(border, interval);
    keeper.added(interval);
  }

  private drop(border: bigint, keeper: IntervalKeeper): void {
    const known = this.intervals.get(border);
    if (known === undefined) return;
    this.intervals.delete(border);
    keeper.classes.leave(known.class);
    keeper.removed(known);
  }

  private count(border: bigint, count: 1 | -1): void {
    if (border === 0n) return;
    const old = this.cuts.get(border) ?? 0;
    const now = old + count;
    if (now > 0) this.cuts.set(border, now);
    else this.cuts.delete(border);
    if (old === 0 && now > 0) {
      this.borders.splice(this.position(border), 0, border);
      this.gone.delete(border);
    } else if (old > 0 && now === 0) {
      this.borders.splice(this.position(border), 1);
      this.gone.add(border);
    }
  }

  /** Where the first border stands that is not below the value. */
  private position(value: bigint): number {
    let [low, high] = [0, this.borders.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.borders[middle] ?? 0n) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
