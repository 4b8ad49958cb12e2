import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Fault } from '../../fault/index.ts';
import {
  bindPacketLog,
  Connection,
  NETFILTER_GROUPS,
  readMessages,
  type NetlinkMessage,
} from '../../netlink/index.ts';
import type { Kernel, NamespacePath } from '../kernel.ts';
import { checked, libc } from '../libc.ts';
import { KernelNetlinkSocket, NETLINK_NETFILTER, NETLINK_ROUTE } from '../netlink-socket.ts';
import type { Command, Report, WorkerStart } from './protocol.ts';

const EFD_CLOEXEC = 0o2_000_000;

/** Who is told of events, on the main thread. */
export interface EventListener {
  onMessages(messages: readonly NetlinkMessage[]): void;
  /** More happened than the socket's buffer holds: what is known is stale, list it again. */
  onLost(): void;
}

/** Ends with `close`; nothing is told afterwards. */
export interface EventSubscription {
  close(): void;
}

/** A subscription that can be interrupted. */
export interface RulesSubscription extends EventSubscription {
  /** Runs `body` while the socket is not subscribed: what happens meanwhile is not told, and costs the kernel nothing. */
  unheard<T>(body: () => T): T;
}

/**
 * What the kernel tells by itself, of any number of network namespaces, through one worker thread. Keeps the
 * process alive until it is closed, as a server does.
 */
export class KernelEvents {
  private readonly kernel: Kernel;
  private readonly wakeFd: number;
  private readonly stopping = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;
  private readonly exited: Promise<void>;
  private readonly listeners = new Map<number, EventListener>();
  private closed: Promise<void> | undefined;
  private lastId = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.wakeFd = checked(libc.eventfd(0, EFD_CLOEXEC), 'make an eventfd');
    const start: WorkerStart = { wakeFd: this.wakeFd, stop: this.stopping.buffer };
    this.worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: start });
    this.worker.on('message', (report: Report) => this.tell(report));
    this.exited = this.whenExited();
    // `process.exit` joins the workers, and this one would wait for ever.
    process.on('exit', this.stop);
  }

  /** Changes of links, addresses, routes, neighbours: `ROUTE_GROUPS` of the netlink room. */
  subscribeRoute(
    path: NamespacePath,
    groups: readonly number[],
    listener: EventListener,
  ): EventSubscription {
    return this.subscribe(path, NETLINK_ROUTE, groups, listener);
  }

  /** Changes of tracked connections and of nf_tables: `NETFILTER_GROUPS` of the netlink room. */
  subscribeNetfilter(
    path: NamespacePath,
    groups: readonly number[],
    listener: EventListener,
  ): EventSubscription {
    return this.subscribe(path, NETLINK_NETFILTER, groups, listener);
  }

  /**
   * Changes of nf_tables that others make than the sockets with these ports, whose own the kernel leaves out. It writes
   * them nevertheless, and keeps some kilobytes for each element until the transaction ends: make very large changes
   * {@link RulesSubscription.unheard}.
   */
  subscribeRules(
    path: NamespacePath,
    ownPorts: readonly number[],
    listener: EventListener,
  ): RulesSubscription {
    const socket = this.open(path, NETLINK_NETFILTER);
    const group = NETFILTER_GROUPS.nftables;
    const subscription = this.watch(socket, listener, () => {
      socket.ignoreSenders(ownPorts);
      socket.join(group);
    });
    let isSubscribed = true;
    // The worker owns the descriptor: it may be a stranger's number once the subscription is closed.
    const isOpen = (): boolean => isSubscribed && this.closed === undefined;
    return {
      close: () => {
        isSubscribed = false;
        subscription.close();
      },
      unheard: (body) => {
        if (isOpen()) socket.leave(group);
        try {
          return body();
        } finally {
          if (isOpen()) socket.join(group);
        }
      },
    };
  }

  /** Packets that a rule logs to a group, cut after `copyBytes`. */
  subscribePacketLog(
    path: NamespacePath,
    log: { readonly group: number; readonly copyBytes: number },
    listener: EventListener,
  ): EventSubscription {
    const socket = this.open(path, NETLINK_NETFILTER);
    return this.watch(socket, listener, () => {
      new Connection(socket).request(bindPacketLog(log.group, log.copyBytes));
    });
  }

  /** Ends the worker and closes all sockets; resolves when the thread is gone, within milliseconds. */
  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private async end(): Promise<void> {
    this.listeners.clear();
    process.off('exit', this.stop);
    this.stop();
    await this.exited;
    libc.close(this.wakeFd);
  }

  private subscribe(
    path: NamespacePath,
    protocol: number,
    groups: readonly number[],
    listener: EventListener,
  ): EventSubscription {
    const socket = this.open(path, protocol);
    return this.watch(socket, listener, () => {
      for (const group of groups) socket.join(group);
    });
  }

  private open(path: NamespacePath, protocol: number): KernelNetlinkSocket {
    if (this.closed === undefined) {
      return this.kernel.inNamespace(path, () => new KernelNetlinkSocket(protocol));
    }
    throw new Fault({
      code: 'EVENTS_CLOSED',
      message: `cannot subscribe to kernel events of ${path ?? 'the process'}: they are closed`,
    });
  }

  /** Hands a prepared socket to the worker, which closes it in the end. */
  private watch(
    socket: KernelNetlinkSocket,
    listener: EventListener,
    prepare: () => void,
  ): EventSubscription {
    try {
      prepare();
    } catch (error) {
      socket.close();
      throw error;
    }
    this.lastId += 1;
    const id = this.lastId;
    this.listeners.set(id, listener);
    this.command({ kind: 'watch', id, fd: socket.descriptor });
    return { close: () => this.forget(id) };
  }

  private forget(id: number): void {
    if (this.listeners.delete(id)) this.command({ kind: 'forget', id });
  }

  private command(command: Command): void {
    this.worker.postMessage(command, []);
    this.wake();
  }

  private wake(): void {
    const one = Buffer.alloc(8);
    one.writeBigUInt64LE(1n);
    writeSync(this.wakeFd, one);
  }

  private readonly stop = (): void => {
    Atomics.store(this.stopping, 0, 1);
    this.wake();
  };

  private whenExited(): Promise<void> {
    return new Promise((resolve) => this.worker.once('exit', () => resolve()));
  }

  private tell({ id, datagrams, lost }: Report): void {
    const listener = this.listeners.get(id);
    if (listener === undefined) return;
    if (datagrams.length > 0) listener.onMessages(datagrams.flatMap(readMessages));
    if (lost) listener.onLost();
  }
}
