import type { Direction } from '../contract.ts';
import type { NamedPort } from '../policy-pods.ts';
import { protocolNumbers } from '../protocols.ts';
import type { Signature } from './class-table.ts';
import type { CompiledPolicy, CompiledRule } from './compiled-policy.ts';
import {
  emptyRegion,
  fullRegion,
  intersect,
  regionOf,
  subtract,
  union,
  type Region,
} from './region.ts';
import type { Term } from './term.ts';

/**
 * Rules of which any may admit, found by what they are about: where hundreds of policies select a pod, hardly any of
 * their rules is about one peer.
 */
class Alternatives {
  readonly rules: readonly CompiledRule[];
  /** What rules without named ports admit to all, and to pods. */
  private readonly toAll: Region;
  private readonly toPods: Region;
  /** Rules for all, or for all pods, that name ports. */
  private readonly wide: readonly CompiledRule[];
  private readonly byTerm = new Map<Term, CompiledRule[]>();

  constructor(rules: readonly CompiledRule[]) {
    this.rules = rules;
    const plain = rules.filter(({ names }) => names.length === 0);
    const portsOf = (breadth: CompiledRule['breadth']): readonly Region[] =>
      plain.filter((rule) => rule.breadth === breadth).map(({ ports }) => ports);
    this.toAll = portsOf('all').reduce(union, emptyRegion);
    this.toPods = portsOf('pods').reduce(union, this.toAll);
    this.wide = rules.filter(({ breadth, names }) => breadth !== 'terms' && names.length > 0);
    for (const rule of rules) for (const term of rule.terms) this.file(term, rule);
  }

  admitted(peer: Signature, destination: Signature): Region {
    let result = peer.kind === 'pod' ? this.toPods : this.toAll;
    for (const rule of this.wide) {
      if (matches(rule, peer)) result = union(result, rulePorts(rule, destination));
    }
    for (const term of this.termsOf(peer)) {
      for (const rule of this.byTerm.get(term) ?? []) {
        result = union(result, rulePorts(rule, destination));
      }
    }
    return result;
  }

  private file(term: Term, rule: CompiledRule): void {
    const known = this.byTerm.get(term);
    if (known === undefined) this.byTerm.set(term, [rule]);
    else known.push(rule);
  }

  /** Those that may have rules: whichever there are fewer of. */
  private termsOf({ terms }: Signature): Iterable<Term> {
    const { byTerm } = this;
    return terms.size <= byTerm.size ? terms : byTerm.keys().filter((term) => terms.has(term));
  }
}

/** What a subject's policies of one direction say, in the order they are read. */
export interface RuleStack {
  readonly direction: Direction;
  readonly admin: readonly CompiledRule[];
  /** `undefined` when no NetworkPolicy selects: then the Baseline is asked. */
  readonly plain: Alternatives | undefined;
  readonly baseline: readonly CompiledRule[];
}

/** `undefined` when none of the policies has a say in this direction. */
export function stackOf(
  policies: readonly CompiledPolicy[],
  direction: Direction,
): RuleStack | undefined {
  const involved = policies.filter(({ rules }) => rules[direction] !== undefined);
  if (involved.length === 0) return undefined;
  const rulesOf = (tier: CompiledPolicy['tier']): CompiledRule[] =>
    involved
      .filter((policy) => policy.tier === tier)
      .sort((one, two) => one.priority - two.priority || (one.ref.name < two.ref.name ? -1 : 1))
      .flatMap(({ rules }) => rules[direction] ?? []);
  const isIsolated = involved.some(({ tier }) => tier === 'NetworkPolicy');
  return {
    direction,
    admin: rulesOf('Admin'),
    plain: isIsolated ? new Alternatives(rulesOf('NetworkPolicy')) : undefined,
    baseline: rulesOf('Baseline'),
  };
}

/** What is still open on the way through the tiers, and what was admitted so far. */
interface Progress {
  readonly admitted: Region;
  readonly open: Region;
}

/** The ports that a subject's policies admit with a peer: Admin, then NetworkPolicies, then Baseline, then all the rest. */
export function admittedPorts(stack: RuleStack, subject: Signature, peer: Signature): Region {
  if (peer.kind === 'unknown pod') return emptyRegion;
  const destination = stack.direction === 'ingress' ? subject : peer;
  const portsOf = (rule: CompiledRule): Region =>
    matches(rule, peer) ? rulePorts(rule, destination) : emptyRegion;
  if (stack.admin.length === 0 && stack.plain !== undefined) {
    return stack.plain.admitted(peer, destination);
  }
  const afterAdmin = passTier({ admitted: emptyRegion, open: fullRegion }, stack.admin, portsOf);
  if (stack.plain !== undefined) {
    const plain = stack.plain.admitted(peer, destination);
    return union(afterAdmin.admitted, intersect(afterAdmin.open, plain));
  }
  const afterBaseline = passTier(afterAdmin, stack.baseline, portsOf);
  return union(afterBaseline.admitted, afterBaseline.open);
}

function matches({ breadth, terms }: CompiledRule, { kind, terms: own }: Signature): boolean {
  if (breadth === 'all' || (breadth === 'pods' && kind === 'pod')) return true;
  return terms.some((term) => own.has(term));
}

/** The first rule that has a port decides of it; what is passed, or left, is open for the next tier. */
function passTier(
  { admitted, open }: Progress,
  rules: readonly CompiledRule[],
  portsOf: (rule: CompiledRule) => Region,
): Progress {
  let passed = emptyRegion;
  for (const rule of rules) {
    const decided = intersect(portsOf(rule), open);
    open = subtract(open, decided);
    if (rule.action === 'Accept') admitted = union(admitted, decided);
    if (rule.action === 'Pass') passed = union(passed, decided);
  }
  return { admitted, open: union(open, passed) };
}

/** Named ports are the destination's (rows 12 to 14); an address that is no pod has none. */
function rulePorts({ ports, names }: CompiledRule, destination: Signature): Region {
  if (names.length === 0) return ports;
  const isNamed = (port: NamedPort): boolean =>
    names.some(
      ({ name, protocol }) =>
        port.name === name && (protocol === undefined || protocol === port.protocol),
    );
  return destination.ports
    .filter(isNamed)
    .map(({ protocol, port }) => regionOf(protocolNumbers[protocol], port, port))
    .reduce(union, ports);
}
