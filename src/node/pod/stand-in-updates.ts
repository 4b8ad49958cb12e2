import { messageOf } from '../../fault/index.ts';
import type { Pod } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';
import { isRunning, type ContainerRecord } from './records.ts';
import { isStandIn, standInPorts } from './stand-in-ports.ts';

/** Makes the running stand-ins of a pod answer on the targetPorts of the Services that select it now. */
export function followServices(
  context: NodeContext,
  pod: Pod,
  records: readonly ContainerRecord[],
): void {
  for (const record of records) {
    const { current, image, container } = record;
    if (current === undefined || !isRunning(record)) continue;
    if (image === undefined || !isStandIn(image.id)) continue;
    const services = context.caches.services.list();
    const ports = standInPorts({ pod, container, exposed: [], services });
    context.runtime.updateStandInPorts(current.id, ports).catch((error: unknown) => {
      const happening = { type: 'Warning' as const, reason: 'StandInPort' };
      context.events.event(pod, { ...happening, message: messageOf(error) });
    });
  }
}
