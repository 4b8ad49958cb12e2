import type { AddressClass, ClassTable } from './class-table.ts';
import { termsOf, type CompiledPolicy } from './compiled-policy.ts';
import type { TermTable } from './term-table.ts';

/** The compiled policies, by key and by what they are about. */
export class PolicyIndex {
  private readonly byKey = new Map<string, CompiledPolicy>();
  private readonly ofEveryPod = new Set<CompiledPolicy>();
  private readonly byPortName = new Map<string, Set<CompiledPolicy>>();
  private readonly touchedNames = new Set<string>();
  private readonly dirty = new Set<CompiledPolicy>();
  private readonly terms: TermTable;

  constructor(terms: TermTable) {
    this.terms = terms;
  }

  /** Puts a policy in the place of another; its terms are retained already, so that what both share stays. */
  set(key: string, policy: CompiledPolicy): void {
    const old = this.byKey.get(key);
    this.byKey.set(key, policy);
    this.link(policy);
    if (old !== undefined) this.unlink(old);
  }

  delete(key: string): void {
    const old = this.byKey.get(key);
    if (old === undefined) return;
    this.byKey.delete(key);
    this.unlink(old);
  }

  isNameUsed(name: string): boolean {
    return this.byPortName.has(name);
  }

  /** Policies that use the port name. */
  naming(name: string): Iterable<CompiledPolicy> {
    return this.byPortName.get(name) ?? [];
  }

  /** The policies that select a class. */
  of(subject: AddressClass): CompiledPolicy[] {
    const found = [...subject.terms].flatMap(({ subjectOf }) => [...subjectOf]);
    return subject.kind === 'pod' ? [...this.ofEveryPod, ...found] : [];
  }

  /** The classes that a policy selects. */
  subjectsOf({ subject }: CompiledPolicy, classes: ClassTable): Iterable<AddressClass> {
    if (subject === 'every pod') return classes.all.values();
    return subject === 'nobody' ? [] : subject.classes;
  }

  /** Policies that came or went since the last call, and names whose use began or ended. */
  takeChanges(): {
    readonly policies: readonly CompiledPolicy[];
    readonly names: readonly string[];
  } {
    const taken = { policies: [...this.dirty], names: [...this.touchedNames] };
    this.dirty.clear();
    this.touchedNames.clear();
    return taken;
  }

  private link(policy: CompiledPolicy): void {
    this.dirty.add(policy);
    if (policy.subject === 'every pod') this.ofEveryPod.add(policy);
    else if (policy.subject !== 'nobody') policy.subject.subjectOf.add(policy);
    for (const rule of rulesOf(policy)) {
      for (const term of rule.terms) term.peerOf.add(policy);
      for (const { name } of rule.names) this.useName(name, policy);
    }
  }

  private unlink(policy: CompiledPolicy): void {
    this.dirty.add(policy);
    if (policy.subject === 'every pod') this.ofEveryPod.delete(policy);
    else if (policy.subject !== 'nobody') policy.subject.subjectOf.delete(policy);
    for (const rule of rulesOf(policy)) {
      for (const term of rule.terms) term.peerOf.delete(policy);
      for (const { name } of rule.names) this.dropName(name, policy);
    }
    for (const term of termsOf(policy)) this.terms.release(term);
  }

  private useName(name: string, policy: CompiledPolicy): void {
    const users = this.byPortName.get(name) ?? new Set();
    if (users.size === 0) this.touchedNames.add(name);
    this.byPortName.set(name, users.add(policy));
  }

  private dropName(name: string, policy: CompiledPolicy): void {
    const users = this.byPortName.get(name);
    users?.delete(policy);
    if (users?.size !== 0) return;
    this.byPortName.delete(name);
    this.touchedNames.add(name);
  }
}

function rulesOf({ rules }: CompiledPolicy) {
  return [...(rules.ingress ?? []), ...(rules.egress ?? [])];
}
