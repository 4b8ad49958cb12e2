import { replacementOf, type Operation, type Ruleset } from '../nft/index.ts';
import type { Capture } from '../services/index.ts';
import { adoptSessions, type SessionReader } from './adopted-sessions.ts';
import { ServicePlan } from './service-plan.ts';
import type { PlanSettings } from './settings.ts';
import {
  TableProgrammer,
  type NftablesPort as TablesPort,
  type Rebuild,
} from './table-programmer.ts';

/** What {@link NodeProgrammer} needs of nf_tables: `Nftables`, or a fake in tests. */
export type NftablesPort = TablesPort & SessionReader;

/**
 * Keeps the kernel of one node at its {@link ServicePlan}: each call is one transaction. The ruleset is never listed
 * on this path; only {@link resync} reads it, and what writes everything anew reads the sessions of clients.
 */
export class NodeProgrammer {
  private readonly plan: ServicePlan;
  private readonly tables: TableProgrammer;

  /**
   * Nothing is in the kernel before {@link start}. `onRebuild` hears of changes that the kernel refused and that were
   * then repaired by writing everything anew. @throws Fault `INVALID_CIDR`.
   */
  constructor(
    nftables: NftablesPort,
    settings: PlanSettings,
    onRebuild: (rebuild: Rebuild) => void = () => {},
  ) {
    this.plan = new ServicePlan(settings);
    this.tables = new TableProgrammer({
      nftables,
      desired: () => this.plan.full(),
      replacement: (desired) => [
        ...desired.flatMap(replacementOf),
        ...adoptSessions(nftables, desired),
      ],
      onRebuild,
    });
  }

  /** Replaces whatever the tables held with these Services, but keeps their clients' sessions. @throws NftRefused. */
  start(services: Iterable<readonly [string, readonly Capture[]]> = []): void {
    for (const [service, captures] of services) this.plan.stage(service, captures);
    this.plan.settle();
    this.tables.rebuild();
  }

  /** Replaces what one Service captures; an empty list removes it. Returns when packets see it. @throws NftRefused. */
  apply(service: string, captures: readonly Capture[]): void {
    this.applyAll([[service, captures]]);
  }

  /** The same for several Services in one transaction. @throws NftRefused. */
  applyAll(services: Iterable<readonly [string, readonly Capture[]]>): void {
    for (const [service, captures] of services) this.plan.stage(service, captures);
    this.tables.commit(this.plan.drain());
  }

  /** Takes other settings on, as when a node joins. @throws Fault `INVALID_CIDR`, NftRefused. */
  configure(settings: PlanSettings): void {
    this.plan.configure(settings);
    this.tables.commit(this.plan.drain());
  }

  /**
   * Reads the tables back and repairs what is not as it should be. Returns the repairs, none when there was no drift.
   * @throws NftRefused.
   */
  resync(): readonly Operation[] {
    this.plan.settle();
    return this.tables.resync();
  }

  /** True when nothing has changed in the namespace since the last {@link resync} looked. */
  get isUntouched(): boolean {
    return this.tables.isUntouched;
  }

  /** Removes the tables. @throws NftRefused. */
  stop(): void {
    this.tables.stop();
  }

  /** Closes the socket; the tables stay. */
  close(): void {
    this.tables.close();
  }

  /** What the kernel should hold, for printing and for tests. */
  desired(): Ruleset {
    return this.plan.full();
  }
}
