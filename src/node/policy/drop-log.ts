import type { Direction, Party } from '../../policy/index.ts';
import { judgeConnection } from '../../policy/index.ts';
import type { DroppedFlow } from './flows.ts';
import type { FlowWorld } from './flow-world.ts';
import type { PacketHead } from './packet-head.ts';
import { protocolText } from './protocol-text.ts';

/** How many different flows are remembered. */
const MOST = 1000;

/** A dropped packet as the kernel told of it. */
export interface DroppedPacket {
  readonly head: PacketHead;
  readonly direction: Direction;
  readonly onNode: string;
  /** RFC 3339. */
  readonly time: string;
}

/** A drop and the ends that it is about. */
export interface ToldDrop {
  readonly flow: DroppedFlow;
  /** The end that did not admit. */
  readonly subject: Party;
}

/** Remembers dropped flows, each once, with a count: from one address to another and its port, for one direction. */
export class DropLog {
  private readonly world: FlowWorld;
  private readonly flows = new Map<string, DroppedFlow>();

  constructor(world: FlowWorld) {
    this.world = world;
  }

  /** The latest last. */
  recent(): readonly DroppedFlow[] {
    return [...this.flows.values()];
  }

  /** Takes a dropped packet in. */
  add(packet: DroppedPacket): ToldDrop {
    const { head, direction, onNode, time } = packet;
    const { protocol, port } = head;
    const source = this.world.party(head.source);
    const destination = this.world.party(head.destination);
    const attempt = { source, destination, protocol, port };
    const { reason, selecting } = judgeConnection(this.world.policies, attempt)[direction];
    const key = keyOf(packet);
    const before = this.flows.get(key);
    const flow: DroppedFlow = {
      verdict: 'dropped',
      time,
      onNode,
      source: this.world.end(source),
      destination: this.world.end(destination),
      protocol: protocolText(protocol),
      port,
      direction,
      reason,
      policies: selecting,
      count: (before?.count ?? 0) + 1,
      firstTime: before?.firstTime ?? time,
    };
    this.remember(key, flow);
    return { flow, subject: direction === 'egress' ? source : destination };
  }

  private remember(key: string, flow: DroppedFlow): void {
    // Behind all others: a Map keeps the order in which keys came.
    this.flows.delete(key);
    this.flows.set(key, flow);
    const [oldest] = this.flows.keys();
    if (this.flows.size > MOST && oldest !== undefined) this.flows.delete(oldest);
  }
}

function keyOf({ head, direction }: DroppedPacket): string {
  const { source, destination, protocol, port } = head;
  return [direction, source.family, source.value, destination.value, protocol, port].join(' ');
}
