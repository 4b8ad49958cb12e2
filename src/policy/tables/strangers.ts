import { cidrOf, containsCidr, overlaps, type Cidr, type Family } from '../../ip/index.ts';
import { ANY_OUTSIDER } from '../compiled.ts';
import {
  signatureText,
  type AddressClass,
  type ClassTable,
  type Signature,
} from './class-table.ts';
import type { BlockQuery, Term } from './term.ts';

/**
 * The peers that a subject's fallback entries are about: an outsider that no block holds, and a pod of which no policy
 * knows more than that its address is in the pods' ranges. Blocks like `0.0.0.0/0` hold all of a range, so they match the
 * strange pod; else every class of pods would be an exception to every such rule.
 */
export class Strangers {
  private readonly ranges: Readonly<Record<Family, readonly Cidr[]>>;
  /** Terms that match the strange pod. */
  private readonly wide: Readonly<Record<Family, Set<Term>>> = { 4: new Set(), 6: new Set() };
  private readonly classes: ClassTable;

  constructor(classes: ClassTable, podRanges: readonly Cidr[]) {
    this.classes = classes;
    this.ranges = { 4: rangesOf(4, podRanges), 6: rangesOf(6, podRanges) };
  }

  addTerm(term: Term<BlockQuery>): void {
    const { cidr, except } = term.query.block;
    const holdsAll = this.ranges[cidr.family].every(
      (range) => containsCidr(cidr, range) && !except.some((inner) => overlaps(inner, range)),
    );
    if (holdsAll) this.wide[cidr.family].add(term);
  }

  removeTerm(term: Term<BlockQuery>): void {
    this.wide[term.query.block.cidr.family].delete(term);
  }

  outsider(family: Family): Signature {
    return { kind: 'outsider', family, terms: new Set(), ports: [] };
  }

  /** The same as a class: one that no entry names. */
  outsiderClass(family: Family): AddressClass {
    const signature = this.outsider(family);
    return { ...signature, id: ANY_OUTSIDER, text: signatureText(signature), members: 0 };
  }

  pod(family: Family): Signature {
    return { kind: 'pod', family, terms: new Set(this.wide[family]), ports: [] };
  }

  /** The classes for which the term has another answer than for the stranger of their kind. */
  *differing(term: Term, family: Family): Generator<AddressClass> {
    if (!this.wide[family].has(term)) {
      yield* term.classes;
      return;
    }
    for (const found of term.classes) if (found.kind !== 'pod') yield found;
    for (const found of this.classes.all.values()) {
      if (found.kind === 'pod' && !found.terms.has(term)) yield found;
    }
  }

  /** The terms that have another answer for a class than for the stranger of its kind. */
  *tellingApart(found: AddressClass): Generator<Term> {
    const isPod = found.kind === 'pod';
    for (const term of found.terms) if (!isPod || !this.wide[found.family].has(term)) yield term;
    if (!isPod) return;
    for (const term of this.wide[found.family]) if (!found.terms.has(term)) yield term;
  }
}

/** Of a family without ranges, pods could be anywhere. */
function rangesOf(family: Family, podRanges: readonly Cidr[]): Cidr[] {
  const found = podRanges.filter((range) => range.family === family);
  return found.length > 0 ? found : [cidrOf({ family, value: 0n }, 0)];
}
