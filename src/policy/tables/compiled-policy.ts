import type { Direction, PolicyRef, RuleRef } from '../contract.ts';
import type { PortName } from '../matching/port.ts';
import type { Region } from './region.ts';
import type { Term } from './term.ts';

/** A rule whose selectors have become terms, and whose numbers a region. */
export interface CompiledRule {
  readonly action: RuleRef['action'];
  /** Which peers match whatever their terms: all, or all that are pods. */
  readonly breadth: 'all' | 'pods' | 'terms';
  readonly terms: readonly Term[];
  readonly ports: Region;
  /** Named ports beside {@link ports}: what they are is the destination's affair. */
  readonly names: readonly PortName[];
}

/** A policy of either API. */
export interface CompiledPolicy {
  readonly ref: PolicyRef;
  readonly tier: 'Admin' | 'NetworkPolicy' | 'Baseline';
  /** 0 for NetworkPolicies, which have no order. */
  readonly priority: number;
  readonly subject: Term | 'every pod' | 'nobody';
  /** Absent for a direction the policy has no say in. */
  readonly rules: Readonly<Partial<Record<Direction, readonly CompiledRule[]>>>;
}

/** Puts a policy into its terms, or takes it out. */
export function termsOf({ subject, rules }: CompiledPolicy): Term[] {
  const peers = [...(rules.ingress ?? []), ...(rules.egress ?? [])].flatMap(({ terms }) => terms);
  return typeof subject === 'string' ? peers : [subject, ...peers];
}
