import { Backoff, type CancelTimer, type Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { Nftables, type Operation } from '../../nft/index.ts';
import {
  POLICY_TABLE,
  PolicyProgrammer,
  type DropTotals,
  type PolicyPlan,
} from '../../plan/index.ts';
import type { GuardedTables } from '../rules-watch/rules-watch.ts';

/** Between attempts to program a kernel that refused. */
const RETRY = { baseMs: 100, capMs: 10_000 };

export interface EnforcedNodeOptions {
  readonly name: string;
  /** Pin of the node's network namespace. */
  readonly netns: string;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly plan: PolicyPlan;
  readonly log: (text: string) => void;
}

/**
 * The kernel of one node, kept at the plan. When it refuses, what is in force stays in force, the node says why it is not
 * ready, and it is tried again.
 */
export class EnforcedNode {
  private readonly options: EnforcedNodeOptions;
  private readonly programmer: PolicyProgrammer;
  private readonly portId: number;
  private readonly backoff: Backoff;
  private cancelRetry: CancelTimer = () => {};
  private listener: () => void = () => {};
  private failure: string | undefined;
  private complaint: string | undefined;
  private contest: string | undefined;

  constructor(options: EnforcedNodeOptions) {
    this.options = options;
    const { kernel, netns, clock, plan, log, name } = options;
    const nftables = new Nftables(kernel.openNetfilterSocket(netns));
    this.programmer = new PolicyProgrammer(nftables, plan, ({ cause }) =>
      log(`the policies of ${name} were written anew: ${messageOf(cause)}`),
    );
    this.portId = nftables.portId;
    this.backoff = new Backoff(RETRY, { clock });
  }

  /** Why the kernel is not as policies want it; `undefined` when it is. */
  get problem(): string | undefined {
    return this.failure ?? this.complaint ?? this.contest;
  }

  /** Calls `listener`, the only one, whenever {@link problem} is another. */
  onChange(listener: () => void): void {
    this.listener = listener;
  }

  /** Puts everything in force, in the place of whatever an earlier daemon left. @throws NftRefused. */
  start(): void {
    this.programmer.start();
  }

  /** Brings changes of the plan to the kernel. What fails is this node's {@link problem}. */
  commit(operations: readonly Operation[]): void {
    this.cancelRetry();
    this.cancelRetry = () => {};
    try {
      this.programmer.commit(operations);
    } catch (error) {
      this.failed(error);
      return;
    }
    this.backoff.reset();
    this.become(undefined);
  }

  /** Says what keeps the plan itself from being what policies want; nothing with `undefined`. */
  complain(complaint: string | undefined): void {
    this.change(() => (this.complaint = complaint));
  }

  /** The tables, for a `RulesWatch`. */
  get tables(): GuardedTables {
    return {
      table: POLICY_TABLE,
      portId: this.portId,
      repair: () => this.repair(),
      // What failed is tried again by itself.
      isUntouched: () => this.failure !== undefined || this.programmer.isUntouched,
      contested: (problem) => this.change(() => (this.contest = problem)),
    };
  }

  /** Reads the rules back, for what something else changed in them. */
  resync(): void {
    const repairs = this.repair();
    if (repairs > 0) this.say(`${repairs} changes of the policies' rules repaired`);
  }

  /** How many changes it took; none when it failed, which is this node's {@link problem} then. */
  private repair(): number {
    try {
      const repairs = this.programmer.resync().length;
      this.become(undefined);
      return repairs;
    } catch (error) {
      this.failed(error);
      return 0;
    }
  }

  /** @throws NetlinkError. */
  drops(): DropTotals {
    return this.programmer.drops();
  }

  /** The rules stay. */
  close(): void {
    this.cancelRetry();
    this.programmer.close();
  }

  private failed(error: unknown): void {
    const delay = this.backoff.next();
    this.say(`cannot program network policies, next attempt in ${delay} ms: ${messageOf(error)}`);
    this.become(`PolicyProgrammingFailed: cannot program network policies: ${messageOf(error)}`);
    this.cancelRetry = this.options.clock.setTimer(delay, () => this.commit([]));
  }

  private become(failure: string | undefined): void {
    this.change(() => (this.failure = failure));
  }

  private change(how: () => void): void {
    const before = this.problem;
    how();
    if (this.problem !== before) this.listener();
  }

  private say(text: string): void {
    this.options.log(`${this.options.name}: ${text}`);
  }
}
