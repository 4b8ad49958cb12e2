import { microTimestamp, type Clock } from '../../clock/index.ts';
import { formatAddress, isSameAddress } from '../../ip/index.ts';
import type { EventListener, EventSubscription, KernelEvents } from '../../kernel/index.ts';
import {
  NETFILTER_GROUPS,
  readConntrack,
  readLoggedPacket,
  type ConntrackEntry,
} from '../../netlink/index.ts';
import { DROP_LOG_BYTES, DROP_LOG_GROUP } from '../../plan/index.ts';
import { DropLog, type ToldDrop } from './drop-log.ts';
import type { FlowWorld } from './flow-world.ts';
import type { AdmittedFlow, DroppedFlow, Flows, NodeDrops } from './flows.ts';
import { readPacketHead } from './packet-head.ts';
import { protocolText } from './protocol-text.ts';

export interface FlowWatchOptions {
  readonly events: KernelEvents;
  readonly clock: Clock;
  readonly world: FlowWorld;
  readonly nodes: readonly { readonly name: string; readonly netns: string }[];
  readonly totals: () => readonly NodeDrops[];
  /** Hears of every drop; the canaries' own are not among them. */
  readonly onDrop: (drop: ToldDrop) => void;
  readonly log: (text: string) => void;
}

/** Listens to every node's kernel for what became of connections. */
export class FlowWatch implements Flows {
  private readonly options: FlowWatchOptions;
  private readonly log: DropLog;
  private readonly dropListeners = new Set<(flow: DroppedFlow) => void>();
  private readonly admittedListeners = new Set<(flow: AdmittedFlow) => void>();
  private readonly logs: readonly EventSubscription[];
  private tracks: readonly EventSubscription[] = [];

  /** @throws NetlinkError EPERM when something else holds the log group of a node. */
  constructor(options: FlowWatchOptions) {
    this.options = options;
    this.log = new DropLog(options.world);
    const group = { group: DROP_LOG_GROUP, copyBytes: DROP_LOG_BYTES };
    this.logs = options.nodes.map(({ name, netns }) =>
      options.events.subscribePacketLog(netns, group, this.dropListener(name)),
    );
  }

  drops(): readonly DroppedFlow[] {
    return this.log.recent();
  }

  onDrop(listener: (flow: DroppedFlow) => void): () => void {
    this.dropListeners.add(listener);
    return () => this.dropListeners.delete(listener);
  }

  onAdmitted(listener: (flow: AdmittedFlow) => void): () => void {
    this.admittedListeners.add(listener);
    if (this.tracks.length === 0) this.track();
    return () => {
      this.admittedListeners.delete(listener);
      if (this.admittedListeners.size === 0) this.untrack();
    };
  }

  totals(): readonly NodeDrops[] {
    return this.options.totals();
  }

  close(): void {
    for (const subscription of this.logs) subscription.close();
    this.untrack();
  }

  private dropListener(onNode: string): EventListener {
    return {
      onMessages: (messages) => {
        for (const message of messages) {
          const { prefix, payload } = readLoggedPacket(message);
          const head = readPacketHead(payload);
          if (head === undefined || (prefix !== 'egress' && prefix !== 'ingress')) continue;
          const time = microTimestamp(this.options.clock);
          this.dropped(this.log.add({ head, direction: prefix, onNode, time }));
        }
      },
      // The counters have them all.
      onLost: () => this.options.log(`${onNode}: more packets were dropped than could be told of`),
    };
  }

  private dropped(drop: ToldDrop): void {
    this.options.onDrop(drop);
    for (const listener of this.dropListeners) listener(drop.flow);
  }

  private track(): void {
    const groups = [NETFILTER_GROUPS.conntrackNew];
    this.tracks = this.options.nodes.map(({ name, netns }) =>
      this.options.events.subscribeNetfilter(netns, groups, {
        onMessages: (messages) => {
          for (const message of messages) {
            const entry = readConntrack(message);
            const flow = entry && this.admitted(entry, name);
            if (flow !== undefined) for (const listener of this.admittedListeners) listener(flow);
          }
        },
        onLost: () => this.options.log(`${name}: more connections began than could be told of`),
      }),
    );
  }

  private untrack(): void {
    for (const subscription of this.tracks) subscription.close();
    this.tracks = [];
  }

  /** One node tells of a connection, the last that has a say: the destination's when that is a pod, else the source's. */
  private admitted({ original, reply }: ConntrackEntry, onNode: string): AdmittedFlow | undefined {
    const { world, clock } = this.options;
    const [source, destination] = [world.party(original.source), world.party(reply.source)];
    if ((destination.pod ?? source.pod)?.spec.nodeName !== onNode) return undefined;
    const isTranslated = !isSameAddress(original.destination, reply.source);
    const through = {
      address: formatAddress(original.destination),
      port: original.destinationPort ?? 0,
    };
    return {
      verdict: 'admitted',
      time: microTimestamp(clock),
      onNode,
      source: world.end(source),
      destination: world.end(destination),
      protocol: protocolText(original.protocol),
      port: reply.sourcePort ?? 0,
      ...(isTranslated && { through }),
    };
  }
}
