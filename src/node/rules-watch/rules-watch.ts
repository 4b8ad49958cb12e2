import type { CancelTimer, Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { KernelEvents, RulesSubscription } from '../../kernel/index.ts';
import type { NetlinkMessage } from '../../netlink/index.ts';
import { readNotice } from '../../nft/index.ts';
import { Authors } from './authors.ts';
import { RepairPace, SLOW_MS } from './repair-pace.ts';

/** When tables could not be repaired and nothing else brings that about. */
const RETRY_MS = 5_000;

/** Tables of a node that are kept at a plan. */
export interface GuardedTables {
  /** Their name, in whatever families. */
  readonly table: string;
  /** Port of the only socket that may change them. */
  readonly portId: number;
  /** Makes them what they should be, and returns how many changes that took. @throws NftRefused. */
  repair(): number;
  /** True when nobody has changed any rules of the node since {@link GuardedTables.repair} looked. */
  isUntouched(): boolean;
  /** Hears that something else keeps changing them, so that they are not always what they should be; or that it ended. */
  contested?(problem: string | undefined): void;
}

export interface RulesWatchOptions {
  readonly events: Pick<KernelEvents, 'subscribeRules'>;
  readonly clock: Clock;
  readonly node: { readonly name: string; readonly netns: string };
  /** In the order in which they are repaired. */
  readonly tables: readonly GuardedTables[];
  readonly log: (text: string) => void;
}

/**
 * Repairs a node's tables in the moment something else changes them, be it a user's `nft flush ruleset`. What their
 * owners write themselves never wakes it.
 */
export class RulesWatch {
  private readonly options: RulesWatchOptions;
  private readonly subscription: RulesSubscription;
  private readonly pace: RepairPace;
  /** Named in the transaction whose messages are being read. */
  private readonly touched = new Set<GuardedTables>();
  private readonly due = new Set<GuardedTables>();
  private authors = new Authors();
  private readonly contested = new Set<GuardedTables>();
  private nextAt = Infinity;
  private cancel: CancelTimer = () => {};

  /** Begin it when the tables are there: what is written in bulk before costs the kernel nothing more. */
  constructor(options: RulesWatchOptions) {
    this.options = options;
    const { events, clock, node, tables } = options;
    this.pace = new RepairPace(clock, () => this.contestOver());
    const ownPorts = tables.map(({ portId }) => portId);
    this.subscription = events.subscribeRules(node.netns, ownPorts, {
      onMessages: (messages) => this.read(messages),
      onLost: () => this.suspect(tables),
    });
  }

  close(): void {
    this.cancel();
    this.pace.close();
    this.subscription.close();
  }

  private read(messages: readonly NetlinkMessage[]): void {
    for (const message of messages) {
      const notice = readNotice(message);
      if (notice?.kind === 'change') {
        const found = this.options.tables.find(({ table }) => table === notice.table);
        if (found !== undefined) this.touched.add(found);
      } else if (notice?.kind === 'end' && this.touched.size > 0) {
        this.authors.add(notice.author);
        this.suspect(this.touched);
        this.touched.clear();
      }
    }
  }

  private suspect(tables: Iterable<GuardedTables>): void {
    for (const table of tables) this.due.add(table);
    this.schedule(this.pace.delayMs);
  }

  /** Whatever comes before it is repaired with it. */
  private schedule(delayMs: number): void {
    const { clock } = this.options;
    const at = clock.now() + delayMs;
    if (at >= this.nextAt) return;
    this.cancel();
    this.nextAt = at;
    this.cancel = clock.setTimer(delayMs, () => {
      this.nextAt = Infinity;
      this.repairAll();
    });
  }

  private repairAll(): void {
    const due = this.options.tables.filter((tables) => this.due.has(tables));
    const { authors } = this;
    this.due.clear();
    this.authors = new Authors();
    this.pace.note();
    const repaired = due.flatMap((tables) => this.repair(tables) ?? []);
    if (repaired.length > 0) {
      this.say(
        `${authors.text} changed nftables rules of Portolan, repaired: ${repaired.join(', ')}`,
      );
    }
    if (this.due.size > 0) this.authors = authors;
    if (this.pace.isContest) this.contest(due, authors.text);
  }

  /** What was repaired, in words. */
  private repair(tables: GuardedTables): string | undefined {
    try {
      let changes = this.subscription.unheard(() => tables.repair());
      // Something came while nobody listened.
      if (!tables.isUntouched()) changes += tables.repair();
      if (changes === 0) return undefined;
      return `${tables.table} (${changes} ${changes === 1 ? 'change' : 'changes'})`;
    } catch (error) {
      const next = `next attempt in ${RETRY_MS} ms`;
      this.say(`cannot repair ${tables.table}, ${next}: ${messageOf(error)}`);
      this.due.add(tables);
      this.schedule(RETRY_MS);
      return undefined;
    }
  }

  private contest(due: readonly GuardedTables[], authors: string): void {
    const problem = `RulesContested: ${authors} keeps changing nftables rules of Portolan: they are repaired only every ${SLOW_MS / 1000} s`;
    if (this.contested.size === 0) this.say(problem);
    for (const tables of due) {
      if (this.contested.has(tables)) continue;
      this.contested.add(tables);
      tables.contested?.(problem);
    }
  }

  private contestOver(): void {
    this.say('nothing else changes nftables rules of Portolan any more');
    for (const tables of this.contested) tables.contested?.(undefined);
    this.contested.clear();
  }

  private say(text: string): void {
    this.options.log(`${this.options.node.name}: ${text}`);
  }
}
