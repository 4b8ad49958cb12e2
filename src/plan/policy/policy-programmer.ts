import { replacementOf, type Nftables, type Operation, type Ruleset } from '../../nft/index.ts';
import type { Direction } from '../../policy/index.ts';
import { TableProgrammer, type NftablesPort, type Rebuild } from '../table-programmer.ts';
import { CANARY_COUNTER, dropCounter } from './layout.ts';
import type { PolicyPlan } from './policy-plan.ts';
import { POLICY_TABLE } from './settings.ts';

/** What {@link PolicyProgrammer} needs of nf_tables: `Nftables`, or a fake in tests. */
export type PolicyNftables = NftablesPort & Pick<Nftables, 'listTables' | 'listCounters'>;

/** Packets that were dropped since the node's tables were first made, by what did not admit them. */
export interface DropTotals extends Readonly<Record<Direction, bigint>> {
  /** Those of pods that only try whether policies work; they are not among the others. */
  readonly canaries: bigint;
}

/**
 * Keeps the kernel of one node at the {@link PolicyPlan} of its cluster. Whatever fails, the rules that are in force stay
 * in force: tables are only ever exchanged for others, in one transaction.
 */
export class PolicyProgrammer {
  private readonly tables: TableProgrammer;
  private readonly nftables: PolicyNftables;

  /** `onRebuild` hears of changes that the kernel refused and that were then repaired by writing everything anew. */
  constructor(
    nftables: PolicyNftables,
    plan: PolicyPlan,
    onRebuild: (rebuild: Rebuild) => void = () => {},
  ) {
    this.nftables = nftables;
    this.tables = new TableProgrammer({
      nftables,
      desired: () => plan.full(),
      replacement: (desired) => this.withCounts(desired).flatMap(replacementOf),
      onRebuild,
    });
  }

  /** Writes everything the plan holds, for a cold start or in the place of an earlier daemon's. @throws NftRefused. */
  start(): void {
    this.tables.rebuild();
  }

  /** Brings what the plan answered to a change to the kernel; everything, after a failure. @throws NftRefused. */
  commit(operations: readonly Operation[]): void {
    this.tables.commit(operations);
  }

  /** Reads the tables back and repairs drift. Returns the repairs. @throws NftRefused. */
  resync(): readonly Operation[] {
    return this.tables.resync();
  }

  /** True when nothing has changed in the namespace since the last {@link resync} looked. */
  get isUntouched(): boolean {
    return this.tables.isUntouched;
  }

  /** Reads the kernel's counters. @throws NetlinkError. */
  drops(): DropTotals {
    const counters = this.counters();
    const total = (wanted: string): bigint =>
      counters
        .filter(({ name }) => name === wanted)
        .reduce((sum, { packets = 0n }) => sum + packets, 0n);
    return {
      egress: total(dropCounter('egress')),
      ingress: total(dropCounter('ingress')),
      canaries: total(CANARY_COUNTER),
    };
  }

  /** Removes the tables: nothing is enforced any more. @throws NftRefused. */
  stop(): void {
    this.tables.stop();
  }

  /** Closes the socket; the tables stay. */
  close(): void {
    this.tables.close();
  }

  /** The counters go on from where they stood. */
  private withCounts(desired: Ruleset): Ruleset {
    const found = this.counters();
    return desired.map((contents) => ({
      ...contents,
      counters: contents.counters.map(
        (counter) =>
          found.find(({ family, name }) => family === counter.family && name === counter.name) ??
          counter,
      ),
    }));
  }

  private counters(): ReturnType<Nftables['listCounters']> {
    return this.nftables
      .listTables()
      .filter(({ name }) => name === POLICY_TABLE)
      .flatMap((table) => this.nftables.listCounters(table));
  }
}
