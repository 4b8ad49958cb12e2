import { Fault } from '../fault/index.ts';
import {
  NftRefused,
  replacementOf,
  type Nftables,
  type Operation,
  type Ruleset,
  type Table,
  type TableContents,
} from '../nft/index.ts';
import { diff } from './diff.ts';

/** How often a resync starts over because something else changed the ruleset while it read. */
const RESYNC_ATTEMPTS = 5;
/** Codes of faults about what Portolan does not write itself. */
const UNREADABLE: ReadonlySet<string> = new Set(['NFT_UNKNOWN', 'NFT_MALFORMED']);

/** What a programmer needs of nf_tables: `Nftables`, or a fake in tests. */
export type NftablesPort = Pick<Nftables, 'commit' | 'generation' | 'readTable' | 'close'>;

/** Why tables were rebuilt instead of changed. */
export interface Rebuild {
  readonly cause: NftRefused;
}

export interface TableProgrammerOptions {
  readonly nftables: NftablesPort;
  /** All that the tables should hold, at this moment. */
  readonly desired: () => Ruleset;
  /** The operations that write everything anew; by itself they keep nothing of what is there. */
  readonly replacement?: (desired: Ruleset) => readonly Operation[];
  /** Hears of changes that the kernel refused and that were then repaired by writing everything anew. */
  readonly onRebuild: (rebuild: Rebuild) => void;
}

/** Keeps some tables of one network namespace at a plan: each call is one transaction. */
export class TableProgrammer {
  private readonly options: TableProgrammerOptions;
  /** Set while the kernel may lack something: the next change writes everything. */
  private isInDoubt = true;
  /** The generation of the ruleset that a resync left. */
  private resynced: number | undefined;

  /** Nothing is in the kernel before {@link rebuild}. */
  constructor(options: TableProgrammerOptions) {
    this.options = options;
  }

  /** Brings the kernel from the last commit to now: by these operations, or when in doubt by all. @throws NftRefused. */
  commit(operations: readonly Operation[]): void {
    if (this.isInDoubt) {
      this.rebuild();
      return;
    }
    try {
      this.options.nftables.commit(operations);
    } catch (error) {
      this.isInDoubt = true;
      if (!(error instanceof NftRefused)) throw error;
      this.options.onRebuild({ cause: error });
      this.rebuild();
    }
  }

  /** Replaces whatever the tables held, in one transaction: no packet sees them half done. @throws NftRefused. */
  rebuild(): void {
    const { nftables, desired, replacement = replacementOfAll } = this.options;
    this.isInDoubt = true;
    nftables.commit(replacement(desired()));
    this.isInDoubt = false;
  }

  /**
   * Reads the tables back and repairs what is not as it should be. Returns the repairs, none when there was no drift.
   * @throws NftRefused.
   */
  resync(): readonly Operation[] {
    const { nftables } = this.options;
    this.isInDoubt = true;
    const desired = this.options.desired();
    for (let attempt = 1; ; attempt += 1) {
      const generation = nftables.generation();
      const repairs = this.repairs(this.read(desired), desired);
      try {
        nftables.commit(repairs, { generation });
        this.isInDoubt = false;
        this.resynced = generation + (repairs.length > 0 ? 1 : 0);
        return repairs;
      } catch (error) {
        const mayRetry = error instanceof NftRefused && error.isStale && attempt < RESYNC_ATTEMPTS;
        if (!mayRetry) throw error;
      }
    }
  }

  /** True when nothing has changed in the namespace since the last {@link resync} looked. */
  get isUntouched(): boolean {
    return this.options.nftables.generation() === this.resynced;
  }

  /** Removes the tables. @throws NftRefused. */
  stop(): void {
    const tables = this.options.desired().map(({ table }) => table);
    this.options.nftables.commit(
      tables.flatMap((table): Operation[] => [
        { kind: 'add table', table },
        { kind: 'delete table', table },
      ]),
    );
  }

  /** Closes the socket; the tables stay. */
  close(): void {
    this.options.nftables.close();
  }

  /** What is to be replaced whole is replaced as in a rebuild, so that it keeps what a rebuild keeps. */
  private repairs(found: Ruleset, desired: Ruleset): readonly Operation[] {
    const { replacement = replacementOfAll } = this.options;
    const changes = diff(found, desired);
    const replaced = replacedBy(changes, desired);
    if (replaced.length === 0) return changes;
    const others = desired.filter((contents) => !replaced.includes(contents));
    return [...diff(found, others), ...replacement(replaced)];
  }

  private read(desired: Ruleset): Ruleset {
    return desired.flatMap(({ table }) => this.readTable(table) ?? []);
  }

  /** What something else put into a table may be beyond reading: it then counts as absent, and is replaced whole. */
  private readTable({ family, name }: Table): TableContents | undefined {
    try {
      return this.options.nftables.readTable(family, name, { withoutDynamic: true });
    } catch (error) {
      if (error instanceof Fault && UNREADABLE.has(error.code)) return undefined;
      throw error;
    }
  }
}

/** The tables that the operations delete, to make them anew. */
function replacedBy(operations: readonly Operation[], desired: Ruleset): Ruleset {
  const deleted = operations.flatMap((operation) =>
    operation.kind === 'delete table' ? [operation.table] : [],
  );
  return desired.filter(({ table: { family, name } }) =>
    deleted.some((table) => table.family === family && table.name === name),
  );
}

function replacementOfAll(desired: Ruleset): Operation[] {
  return desired.flatMap(replacementOf);
}
