import type { Change } from '../../client/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { Pod, Service } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import { isRunning, type ContainerRecord } from './records.ts';
import { selects, servicesOf } from './selects.ts';
import { isStandIn, standInPorts } from './stand-in-ports.ts';

interface StandInContext {
  readonly caches: { readonly services: Pick<NodeContext['caches']['services'], 'byIndex'> };
  readonly runtime: Pick<NodeContext['runtime'], 'updateStandInPorts'>;
  readonly events: Pick<NodeContext['events'], 'event'>;
}

/** A pod of the node, as it is at the moment. */
interface RunPod {
  readonly object: Pod;
  readonly containers: readonly ContainerRecord[];
}

/** Makes the running stand-ins of a pod answer on the targetPorts of the Services that select it now. */
export function followServices(
  context: StandInContext,
  pod: Pod,
  records: readonly ContainerRecord[],
): void {
  if (!records.some(isRunningStandIn)) return;
  const services = servicesOf(context.caches.services, pod);
  for (const record of records) {
    const { current, container } = record;
    if (current === undefined || !isRunningStandIn(record)) continue;
    const ports = standInPorts({ pod, container, exposed: [], services });
    context.runtime.updateStandInPorts(current.id, ports).catch((error: unknown) => {
      const happening = { type: 'Warning' as const, reason: 'StandInPort' };
      context.events.event(pod, { ...happening, message: messageOf(error) });
    });
  }
}

function isRunningStandIn(record: ContainerRecord): boolean {
  const { image } = record;
  return isRunning(record) && image !== undefined && isStandIn(image.id);
}

/** Has a node's stand-ins follow changes of Services: however many change in one turn of the event loop, each pod once. */
export class StandInUpdates {
  private readonly context: StandInContext;
  private readonly due = new Set<RunPod>();

  constructor(context: StandInContext) {
    this.context = context;
  }

  serviceChanged({ previous, next }: Change<Service>, pods: Iterable<RunPod>): void {
    for (const pod of pods) {
      if (this.due.has(pod) || !pod.containers.some(isRunningStandIn)) continue;
      if (selects(previous, pod.object) || selects(next, pod.object)) this.note(pod);
    }
  }

  /** What is due is not done any more. */
  close(): void {
    this.due.clear();
  }

  private note(pod: RunPod): void {
    if (this.due.size === 0) setImmediate(() => this.followAll());
    this.due.add(pod);
  }

  private followAll(): void {
    for (const { object, containers } of this.due) {
      followServices(this.context, object, containers);
    }
    this.due.clear();
  }
}
