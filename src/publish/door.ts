import type { Kernel, NamespacePath, SocketAddress } from '../kernel/index.ts';

/** Who comes to a door. */
export interface Caller {
  readonly address: SocketAddress;
  /** Ends the caller's connection with a reset, or its UDP session; it may come again. */
  end(): void;
}

/** Where one caller's connection or UDP session goes. */
export interface Route {
  /** As the fabric reaches it. */
  readonly target: SocketAddress;
  /** Whose address the target is to see: the way back must lead to the fabric. Absent, it sees the fabric's own. */
  readonly source?: string;
  /** What the target is sent ahead of the caller's own bytes; TCP only. */
  readonly preamble?: string;
  /** Another way when the target cannot be reached; absent, or without an answer, the caller is reset. TCP only. */
  next?(): Route | undefined;
  /** Called once: the connection or session is over, or never came about. */
  ended?(): void;
}

/** What a door needs to let callers in. */
export interface DoorContext {
  /** An address of the process's own namespace, or the descriptor of a socket that has one elsewhere. */
  readonly entrance: SocketAddress | { readonly fd: number };
  /** The family of the entrance, for datagrams. */
  readonly family: 4 | 6;
  readonly kernel: Kernel;
  /** Where targets are dialled. */
  readonly fabric: NamespacePath;
  /** Connections and sessions of all doors together. */
  readonly budget: Budget;
  /** Milliseconds after which a UDP session without datagrams is forgotten. */
  readonly udpIdleMs: number;
  /** Milliseconds after which a silent TCP connection is reset; read for every new one, absent or 0 means never. */
  tcpIdleMs?(): number;
  /** Milliseconds that a target has to accept; absent, the kernel decides. */
  readonly dialTimeoutMs?: number;
  /** Decides where a new caller goes; nowhere means a reset, or a lost datagram. */
  route(caller: Caller): Route | undefined;
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
