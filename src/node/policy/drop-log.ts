import type {
  Attempt,
  Direction,
  DirectionVerdict,
  Party,
  PolicyWorld,
} from '../../policy/index.ts';
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

/** Why a flow was dropped, and which ends that was found for. */
interface Judgement {
  readonly attempt: Attempt;
  readonly verdict: DirectionVerdict;
}

/** Remembers dropped flows, each once, with a count: from one address to another and its port, for one direction. */
export class DropLog {
  private readonly world: FlowWorld;
  private readonly flows = new Map<string, DroppedFlow>();
  /** What the judgements are found from. */
  private judgedBy: PolicyWorld | undefined;
  private readonly judgements = new Map<string, Judgement>();

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
    const key = keyOf(packet);
    const { reason, selecting } = this.judge(key, direction, attempt);
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

  /**
   * Judging takes milliseconds where hundreds of policies select a pod, and who is dropped tries again: a flow is judged
   * once until something changes.
   */
  private judge(key: string, direction: Direction, attempt: Attempt): DirectionVerdict {
    const world = this.world.policies;
    if (world !== this.judgedBy) this.judgements.clear();
    this.judgedBy = world;
    const known = this.judgements.get(key);
    const isSame =
      known?.attempt.source.pod === attempt.source.pod &&
      known?.attempt.destination.pod === attempt.destination.pod;
    if (known !== undefined && isSame) return known.verdict;
    const verdict = judgeConnection(world, attempt)[direction];
    this.judgements.set(key, { attempt, verdict });
    return verdict;
  }

  private remember(key: string, flow: DroppedFlow): void {
    // Behind all others: a Map keeps the order in which keys came.
    this.flows.delete(key);
    this.flows.set(key, flow);
    const [oldest] = this.flows.keys();
    if (this.flows.size <= MOST || oldest === undefined) return;
    this.flows.delete(oldest);
    this.judgements.delete(oldest);
  }
}

function keyOf({ head, direction }: DroppedPacket): string {
  const { source, destination, protocol, port } = head;
  return [direction, source.family, source.value, destination.value, protocol, port].join(' ');
}
