import { PrefixTrie, containsAddress, type Address } from '../../ip/index.ts';
import type { ClassTable, Signature } from './class-table.ts';
import { signatureText } from './class-table.ts';
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
  markBlock({ query }: Term<BlockQuery>): void {
    for (const slot of this.parts.pods.slots.values()) {
      if (containsAddress(query.block.cidr, slot.address)) this.dirty.add(slot);
    }
  }

  flush(): void {
    const groups = Map.groupBy(this.dirty, (slot) => slot.class);
    for (const [known, slots] of groups) {
      const signed = slots.map((slot) => ({ slot, signature: this.sign(slot) }));
      const [first] = signed;
      const texts = new Set(signed.map(({ signature }) => signature && signatureText(signature)));
      const isWhole = known !== undefined && known.members === slots.length && texts.size === 1;
      if (isWhole && first?.signature && this.parts.classes.find(first.signature) === undefined) {
        this.parts.classes.rename(known, first.signature);
        continue;
      }
      for (const { slot, signature } of signed) this.move(slot, signature);
    }
    this.dirty.clear();
  }

  private sign(slot: AddressSlot): Signature | undefined {
    const owner = ownerOf(slot);
    if (owner === undefined) return undefined;
    return {
      kind: 'pod',
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
