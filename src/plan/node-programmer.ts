import {
  NftRefused,
  replacementOf,
  type Nftables,
  type Operation,
  type Ruleset,
} from '../nft/index.ts';
import type { Capture } from '../services/index.ts';
import { adoptSessions, type SessionReader } from './adopted-sessions.ts';
import { diff } from './diff.ts';
import { ServicePlan } from './service-plan.ts';
import { TABLE, type PlanSettings } from './settings.ts';

/** How often a resync starts over because something else changed the ruleset while it read. */
const RESYNC_ATTEMPTS = 5;

/** What {@link NodeProgrammer} needs of nf_tables: `Nftables`, or a fake in tests. */
export type NftablesPort = Pick<Nftables, 'commit' | 'generation' | 'readTable' | 'close'> &
  SessionReader;

/** Why a node's tables were rebuilt instead of changed. */
export interface Rebuild {
  readonly cause: NftRefused;
}

/**
 * Keeps the kernel of one node at its {@link ServicePlan}: each call is one transaction. The ruleset is never listed
 * on this path; only {@link resync} reads it, and what writes everything anew reads the sessions of clients.
 */
export class NodeProgrammer {
  private readonly nftables: NftablesPort;
  private readonly plan: ServicePlan;
  private readonly onRebuild: (rebuild: Rebuild) => void;
  /** Set while the kernel may lack something that was drained: the next change writes everything. */
  private isInDoubt = false;

  /**
   * Nothing is in the kernel before {@link start}. `onRebuild` hears of changes that the kernel refused and that were
   * then repaired by writing everything anew. @throws Fault `INVALID_CIDR`.
   */
  constructor(
    nftables: NftablesPort,
    settings: PlanSettings,
    onRebuild: (rebuild: Rebuild) => void = () => {},
  ) {
    this.nftables = nftables;
    this.plan = new ServicePlan(settings);
    this.onRebuild = onRebuild;
  }

  /** Replaces whatever the tables held with these Services, but keeps their clients' sessions. @throws NftRefused. */
  start(services: Iterable<readonly [string, readonly Capture[]]> = []): void {
    for (const [service, captures] of services) this.plan.stage(service, captures);
    this.rebuild();
  }

  /** Replaces what one Service captures; an empty list removes it. Returns when packets see it. @throws NftRefused. */
  apply(service: string, captures: readonly Capture[]): void {
    this.applyAll([[service, captures]]);
  }

  /** The same for several Services in one transaction. @throws NftRefused. */
  applyAll(services: Iterable<readonly [string, readonly Capture[]]>): void {
    for (const [service, captures] of services) this.plan.stage(service, captures);
    this.commit();
  }

  /** Takes other settings on, as when a node joins. @throws Fault `INVALID_CIDR`, NftRefused. */
  configure(settings: PlanSettings): void {
    this.plan.configure(settings);
    this.commit();
  }

  /**
   * Reads the tables back and repairs what is not as it should be. Returns the repairs, none when there was no drift.
   * @throws NftRefused.
   */
  resync(): readonly Operation[] {
    this.isInDoubt = true;
    this.plan.settle();
    const desired = this.plan.full();
    for (let attempt = 1; ; attempt += 1) {
      const generation = this.nftables.generation();
      const repairs = diff(this.read(desired), desired);
      try {
        this.nftables.commit(repairs, { generation });
        this.isInDoubt = false;
        return repairs;
      } catch (error) {
        const mayRetry = error instanceof NftRefused && error.isStale && attempt < RESYNC_ATTEMPTS;
        if (!mayRetry) throw error;
      }
    }
  }

  /** Removes the tables. @throws NftRefused. */
  stop(): void {
    const tables = this.plan.full().map(({ table }) => table);
    this.nftables.commit(
      tables.flatMap((table): Operation[] => [
        { kind: 'add table', table },
        { kind: 'delete table', table },
      ]),
    );
  }

  /** Closes the socket; the tables stay. */
  close(): void {
    this.nftables.close();
  }

  /** What the kernel should hold, for printing and for tests. */
  desired(): Ruleset {
    return this.plan.full();
  }

  private commit(): void {
    if (this.isInDoubt) {
      this.rebuild();
      return;
    }
    try {
      this.nftables.commit(this.plan.drain());
    } catch (error) {
      this.isInDoubt = true;
      if (!(error instanceof NftRefused)) throw error;
      this.onRebuild({ cause: error });
      this.rebuild();
    }
  }

  private rebuild(): void {
    this.isInDoubt = true;
    this.plan.settle();
    const desired = this.plan.full();
    const sessions = adoptSessions(this.nftables, desired);
    this.nftables.commit([...desired.flatMap(replacementOf), ...sessions]);
    this.isInDoubt = false;
  }

  private read(desired: Ruleset): Ruleset {
    const withoutDynamic = { withoutDynamic: true };
    return desired.flatMap(
      ({ table: { family } }) => this.nftables.readTable(family, TABLE, withoutDynamic) ?? [],
    );
  }
}
