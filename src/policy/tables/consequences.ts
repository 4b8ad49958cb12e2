import type { Admissions } from './admissions.ts';
import { portsText, type AddressClass, type ClassTable, type Signature } from './class-table.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { PolicyIndex } from './policy-index.ts';
import type { Strangers } from './strangers.ts';
import type { Term } from './term.ts';

/** Who knows what depends on what. */
export interface ConsequenceParts {
  readonly policies: PolicyIndex;
  readonly classes: ClassTable;
  readonly strangers: Strangers;
  readonly admissions: Admissions;
}

/** Marks the rows and cells that a change of a class or of a policy makes stale. */
export class Consequences {
  private readonly parts: ConsequenceParts;

  constructor(parts: ConsequenceParts) {
    this.parts = parts;
  }

  /** A policy came, went, or selects others now. */
  policyChanged(policy: CompiledPolicy): void {
    for (const subject of this.parts.policies.subjectsOf(policy, this.parts.classes)) {
      this.markRowsOf(subject, policy);
    }
  }

  /** A new class is a subject, and a peer of others. */
  added(added: AddressClass): void {
    for (const policy of this.parts.policies.of(added)) this.markRowsOf(added, policy);
    this.parts.admissions.markPeer(added);
    const policies = new Set<CompiledPolicy>();
    for (const term of this.parts.strangers.tellingApart(added)) {
      for (const policy of term.peerOf) policies.add(policy);
    }
    for (const { name } of added.ports) {
      for (const policy of this.parts.policies.naming(name)) policies.add(policy);
    }
    this.markCells(policies, added);
  }

  /** A class that was renamed is to others what it was, but for the terms that changed. */
  renamed(renamed: AddressClass, old: Signature, terms: readonly Term[]): void {
    for (const { subjectOf } of terms) {
      for (const policy of subjectOf) this.markRowsOf(renamed, policy);
    }
    const policies = new Set(terms.flatMap(({ peerOf }) => [...peerOf]));
    const arePortsSame = portsText(renamed) === portsText(old);
    for (const { name } of arePortsSame ? [] : [...renamed.ports, ...old.ports]) {
      for (const policy of this.parts.policies.naming(name)) policies.add(policy);
      this.parts.admissions.markRow('ingress', renamed);
    }
    this.markCells(policies, renamed);
  }

  private markRowsOf(subject: AddressClass, { rules }: CompiledPolicy): void {
    if (rules.egress !== undefined) this.parts.admissions.markRow('egress', subject);
    if (rules.ingress !== undefined) this.parts.admissions.markRow('ingress', subject);
  }

  private markCells(policies: Iterable<CompiledPolicy>, peer: AddressClass): void {
    for (const policy of policies) {
      for (const subject of this.parts.policies.subjectsOf(policy, this.parts.classes)) {
        this.parts.admissions.markCell(subject, peer);
      }
    }
  }
}
