import { EVERYTHING, NOTHING, type PortSetId } from '../compiled.ts';
import type { Ledger } from './ledger.ts';
import { Numbers } from './numbers.ts';
import { emptyRegion, fullRegion, isSameRegion, spansOf, type Region } from './region.ts';

interface PortSet {
  readonly id: PortSetId;
  readonly region: Region;
  uses: number;
}

const FIRST_PORT_SET = 3;

/** Regions by number: the same contents have the same number for as long as somebody uses it. */
export class PortSets {
  private readonly numbers = new Numbers(FIRST_PORT_SET);
  private readonly byText = new Map<string, PortSet>();
  private readonly byId = new Map<PortSetId, PortSet>();
  /** What a list was last found to be; may be forgotten since. */
  private readonly byList = new WeakMap<Region, PortSet>();
  private readonly idle = new Set<PortSet>();
  private readonly ledger: Ledger;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
    this.add(NOTHING, emptyRegion);
    this.add(EVERYTHING, fullRegion);
  }

  /** The number of a region, used once more. */
  retain(region: Region): PortSetId {
    const listed = this.byList.get(region);
    const isListed = listed !== undefined && this.byId.get(listed.id) === listed;
    const known = isListed ? listed : (this.find(region) ?? this.add(this.numbers.take(), region));
    if (!isListed) this.byList.set(region, known);
    known.uses += 1;
    return known.id;
  }

  release(id: PortSetId): void {
    const set = this.byId.get(id);
    if (set === undefined) return;
    set.uses -= 1;
    if (set.uses === 0 && id >= FIRST_PORT_SET) this.idle.add(set);
  }

  regionOf(id: PortSetId): Region {
    return this.byId.get(id)?.region ?? emptyRegion;
  }

  /** Forgets what nobody uses any longer. */
  sweep(): void {
    for (const set of this.idle) {
      if (set.uses > 0) continue;
      this.byText.delete(set.region.join());
      this.byId.delete(set.id);
      this.numbers.giveBack(set.id);
      for (const span of spansOf(set.region)) {
        this.ledger.delete({ table: 'portSets', portSet: set.id, span });
      }
    }
    this.idle.clear();
  }

  private find(region: Region): PortSet | undefined {
    if (region.length === 0) return this.byId.get(NOTHING);
    if (isSameRegion(region, fullRegion)) return this.byId.get(EVERYTHING);
    return this.byText.get(region.join());
  }

  private add(id: PortSetId, region: Region): PortSet {
    const set = { id, region, uses: 0 };
    this.byText.set(region.join(), set);
    this.byId.set(id, set);
    for (const span of spansOf(region)) this.ledger.set({ table: 'portSets', portSet: id, span });
    return set;
  }
}
