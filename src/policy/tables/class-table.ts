import { FIRST_CLASS, type ClassId } from '../compiled.ts';
import type { Family } from '../../ip/index.ts';
import type { NamedPort } from '../policy-pods.ts';
import { Numbers } from './numbers.ts';
import type { Term } from './term.ts';

/** What policies can tell of an address. */
export interface Signature {
  readonly kind: 'pod' | 'outsider' | 'unknown pod';
  readonly family: Family;
  /** All that match. */
  readonly terms: ReadonlySet<Term>;
  /** Of a pod, those whose names some policy uses. */
  readonly ports: readonly NamedPort[];
}

/** Addresses of one signature. */
export interface AddressClass extends Signature {
  readonly id: ClassId;
  readonly text: string;
  /** Addresses, or intervals of them. */
  members: number;
}

/** What the classes' keeper tells whoever follows them. */
export interface ClassListener {
  readonly added: (added: AddressClass) => void;
  /** A class has another signature now; with the terms that it has or had, but not both. */
  readonly renamed: (renamed: AddressClass, old: Signature, terms: readonly Term[]) => void;
  readonly removed: (removed: AddressClass) => void;
}

/**
 * The classes in use. Numbers stay with their members where they can: a class whose members all change in the same way
 * keeps its number.
 */
export class ClassTable {
  private readonly numbers = new Numbers(FIRST_CLASS);
  private readonly byText = new Map<string, AddressClass>();
  private readonly empty = new Set<AddressClass>();
  private readonly byPortName = new Map<string, Set<AddressClass>>();
  private readonly listener: ClassListener;

  readonly all = new Map<ClassId, AddressClass>();

  constructor(listener: ClassListener) {
    this.listener = listener;
  }

  find(signature: Signature): AddressClass | undefined {
    return this.byText.get(signatureText(signature));
  }

  /** The class of a signature, with one member more. */
  join(signature: Signature): AddressClass {
    const known = this.find(signature) ?? this.add(signature);
    known.members += 1;
    return known;
  }

  leave(left: AddressClass): void {
    left.members -= 1;
    if (left.members === 0) this.empty.add(left);
  }

  /** Gives a class another signature, which no other class has. */
  rename(known: AddressClass, signature: Signature): void {
    const { kind, family, terms, ports } = known;
    const changed = [...terms.symmetricDifference(signature.terms)];
    this.unfile(known);
    Object.assign(known, { ...signature, text: signatureText(signature) });
    this.file(known);
    this.listener.renamed(known, { kind, family, terms, ports }, changed);
  }

  /** Classes of pods with a port of that name. */
  withPortName(name: string): Iterable<AddressClass> {
    return this.byPortName.get(name) ?? [];
  }

  /** Forgets classes without members. */
  sweep(): void {
    for (const idle of this.empty) {
      if (idle.members > 0) continue;
      this.unfile(idle);
      this.all.delete(idle.id);
      this.numbers.giveBack(idle.id);
      this.listener.removed(idle);
    }
    this.empty.clear();
  }

  private add(signature: Signature): AddressClass {
    const made = {
      ...signature,
      id: this.numbers.take(),
      text: signatureText(signature),
      members: 0,
    };
    this.all.set(made.id, made);
    this.file(made);
    this.listener.added(made);
    return made;
  }

  private file(filed: AddressClass): void {
    this.byText.set(filed.text, filed);
    for (const term of filed.terms) term.classes.add(filed);
    for (const { name } of filed.ports) {
      const named = this.byPortName.get(name) ?? new Set();
      this.byPortName.set(name, named.add(filed));
    }
  }

  private unfile(filed: AddressClass): void {
    this.byText.delete(filed.text);
    for (const term of filed.terms) term.classes.delete(filed);
    for (const { name } of filed.ports) {
      const named = this.byPortName.get(name);
      named?.delete(filed);
      if (named?.size === 0) this.byPortName.delete(name);
    }
  }
}

/** The same for signatures that are the same. */
export function signatureText(signature: Signature): string {
  const { kind, family, terms } = signature;
  const ids = [...terms].map(({ id }) => id).sort((one, two) => one - two);
  return `${kind} ${family} ${ids.join()} ${portsText(signature)}`;
}

/** The same for the same named ports. */
export function portsText({ ports }: Signature): string {
  const texts = ports.map(({ name, protocol, port }) => `${name}/${protocol}/${port}`);
  return [...new Set(texts)].sort().join();
}
