import type { EventRecorder } from '../../client/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { DroppedFlow, FlowEnd } from './flows.ts';
import type { ToldDrop } from './drop-log.ts';

/** One flow is told of so often at most. */
const INTERVAL_MS = 60_000;

/** Writes Warning Events on pods that did not admit a connection. */
export class DropEvents {
  private readonly events: EventRecorder;
  private readonly clock: Clock;
  /** When each flow was told of last, the earliest first. */
  private readonly told = new Map<string, number>();

  constructor(events: EventRecorder, clock: Clock) {
    this.events = events;
    this.clock = clock;
  }

  tell({ flow, subject: { pod } }: ToldDrop): void {
    if (pod === undefined || !this.isDue(flow)) return;
    this.events.event(pod, {
      type: 'Warning',
      reason: 'NetworkPolicyDrop',
      message: messageOf(flow),
    });
  }

  private isDue({ direction, source, destination, protocol, port }: DroppedFlow): boolean {
    const now = this.clock.now();
    for (const [key, time] of this.told) {
      if (now - time < INTERVAL_MS) break;
      this.told.delete(key);
    }
    const key = [direction, source.address, destination.address, protocol, port].join(' ');
    if (this.told.has(key)) return false;
    this.told.set(key, now);
    return true;
  }
}

/**
 * `ingress does not admit TCP from default/client (10.244.0.2) to port 80: isolated by NetworkPolicy default/deny-all,
 * which has no rule that admits it`
 */
function messageOf(flow: DroppedFlow): string {
  const { direction, protocol, port, source, destination } = flow;
  const to = port === 0 ? '' : `port ${port}`;
  const what =
    direction === 'ingress'
      ? [`from ${endText(source)}`, to === '' ? '' : `to ${to}`]
      : [`to ${endText(destination)}`, to];
  return `${direction} does not admit ${[protocol, ...what].filter((part) => part !== '').join(' ')}: ${causeText(flow)}`;
}

function endText({ address, pod, node }: FlowEnd): string {
  if (pod !== undefined) return `${pod.namespace}/${pod.name} (${address})`;
  return node === undefined ? address : `node ${node} (${address})`;
}

function causeText({ policies, reason }: DroppedFlow): string {
  if (policies.length === 0)
    return `nothing is known any more of what it was judged by (${reason})`;
  const names = policies.map(({ kind, namespace, name }) =>
    namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`,
  );
  return `isolated by ${names.join(', ')} (${reason})`;
}
