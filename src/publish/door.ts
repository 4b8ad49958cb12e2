import type { Kernel, NamespacePath } from '../kernel/index.ts';
import type { Binding } from './binding.ts';

/** What a published address needs to let connections in. */
export interface DoorContext {
  readonly binding: Binding;
  readonly kernel: Kernel;
  readonly fabric: NamespacePath;
  /** Connections and sessions of all bindings together. */
  readonly budget: Budget;
  /** Milliseconds after which a UDP session without datagrams is forgotten. */
  readonly udpIdleMs: number;
}

/** One open listener. */
export interface Door {
  /**
   * Stops listening at once; established connections go on, as they do through a node. Resolves when the last of them
   * has ended.
   */
  stop(): Promise<void>;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** A bound on how many there may be of something. */
export class Budget {
  private readonly limit: number;
  private taken = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  take(): boolean {
    if (this.taken >= this.limit) {
      return false;
    }
    this.taken += 1;
    return true;
  }

  giveBack(): void {
    this.taken -= 1;
  }
}
