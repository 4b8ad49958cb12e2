import { PrefixTrie, lastAddress, type Address } from '../../ip/index.ts';
import {
  signatureText,
  type AddressClass,
  type ClassTable,
  type Signature,
} from './class-table.ts';
import type { Ledger } from './ledger.ts';
import { ownerOf, type AddressSlot, type PodTable } from './pod-table.ts';
import { matchesAddress, type BlockQuery, type Term } from './term.ts';

/** Terms about addresses, found by address. */
export class BlockTerms {
  private readonly trie = new PrefixTrie<Set<Term<BlockQuery>>>();

  add(term: Term<BlockQuery>): void {
    const { cidr } = term.query.block;
    const known = this.trie.get(cidr) ?? new Set();
    this.trie.set(cidr, known.add(term));
  }

  remove(term: Term<BlockQuery>): void {
    const { cidr } = term.query.block;
    const known = this.trie.get(cidr);
    known?.delete(term);
    if (known?.size === 0) this.trie.delete(cidr);
  }

  matching(address: Address): Term<BlockQuery>[] {
    if (this.trie.size === 0) return [];
    return this.trie
      .matches(address)
      .flatMap(({ value }) => [...value])
      .filter(({ query }) => matchesAddress(query, address));
  }
}

/** What signing reads and writes. */
export interface SignerParts {
  readonly ledger: Ledger;
  readonly classes: ClassTable;
  readonly pods: PodTable;
  readonly blocks: BlockTerms;
  readonly isNameUsed: (name: string) => boolean;
}

/** Keeps every pod address in the class that its signature says. */
export class AddressSigner {
  private readonly dirty = new Set<AddressSlot>();
  private readonly parts: SignerParts;

  constructor(parts: SignerParts) {
    this.parts = parts;
  }

  mark(slots: Iterable<AddressSlot>): void {
    for (const slot of slots) this.dirty.add(slot);
  }

  /** Marks every address that a block holds. */
  markBlock({ query: { block } }: Term<BlockQuery>): void {
    const { slots } = this.parts.pods;
    // Policies come after pods at a start: then all addresses are to be signed anyway.
    if (this.dirty.size === slots.size) return;
    const { family, base: first } = block.cidr;
    const { value: last } = lastAddress(block.cidr);
    for (const slot of slots.values()) {
      const { address } = slot;
      const isInside = address.family === family && address.value >= first && address.value <= last;
      if (isInside) this.dirty.add(slot);
    }
  }

  flush(): void {
    const groups = Map.groupBy(this.dirty, (slot) => slot.class);
    this.dirty.clear();
    for (const [known, slots] of groups) this.regroup(known, slots);
  }

  /** Moves members of one class to where they belong now; the last and largest part may stay and take the class along. */
  private regroup(known: AddressClass | undefined, slots: readonly AddressSlot[]): void {
    const signed = slots.map((slot) => ({ slot, signature: this.sign(slot) }));
    const parts = [
      ...Map.groupBy(signed, ({ signature }) => signature && signatureText(signature)).values(),
    ].sort((one, two) => one.length - two.length);
    for (const part of parts) {
      const signature = part[0]?.signature;
      const isWhole = known !== undefined && known.members === part.length;
      if (isWhole && signature && this.parts.classes.find(signature) === undefined) {
        this.parts.classes.rename(known, signature);
      } else for (const { slot } of part) this.move(slot, signature);
    }
  }

  private sign(slot: AddressSlot): Signature | undefined {
    const owner = ownerOf(slot);
    if (owner === undefined) return undefined;
    return {
      kind: 'pod',
      family: slot.address.family,
      terms: new Set<Term>([...owner.terms, ...this.parts.blocks.matching(slot.address)]),
      ports: owner.ports.filter(({ name }) => this.parts.isNameUsed(name)),
    };
  }

  private move(slot: AddressSlot, signature: Signature | undefined): void {
    const { classes, ledger, pods } = this.parts;
    const old = slot.class;
    slot.class = signature && classes.join(signature);
    if (old !== undefined) classes.leave(old);
    if (slot.class !== undefined) {
      ledger.set({ table: 'classes', address: slot.address, class: slot.class.id });
      return;
    }
    if (old !== undefined) {
      ledger.delete({ table: 'classes', address: slot.address, class: old.id });
    }
    pods.slots.delete(slot.text);
  }
}
