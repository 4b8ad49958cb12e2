import {
  endpointsKind,
  isHeadless,
  keyOf,
  podKind,
  serviceKind,
  type Endpoints,
  type Service,
} from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import { desiredSubsets } from './desired-endpoints.ts';
import { EndpointsWriter } from './endpoints-writer.ts';
import { isSelecting, ServiceSelection } from './service-selection.ts';
import { headlessLabel } from './slice-diff.ts';
import { TriggerTimes, withTriggerTime } from './trigger-times.ts';

const component = 'endpoint-controller';
const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';

function desired(
  service: Service,
  existing: Endpoints | undefined,
  { subsets, truncated }: ReturnType<typeof desiredSubsets>,
): Endpoints {
  const { name, namespace = '', labels } = service.metadata;
  const { [overCapacity]: _old, ...annotations } = existing?.metadata.annotations ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...existing?.metadata,
      name,
      namespace,
      labels: {
        ...labels,
        [managedByLabel]: component,
        ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
      },
      annotations: { ...annotations, ...(truncated ? { [overCapacity]: 'truncated' } : {}) },
    },
    subsets,
  };
}

/** What is compared, with the order of labels and of the server's fields made one. */
function contentOf({ metadata, subsets = [] }: Endpoints): string {
  const sorted = (map: Record<string, string> = {}) =>
    Object.entries(map).sort(([one], [two]) => (one < two ? -1 : 1));
  const addresses = subsets.map(({ addresses, notReadyAddresses, ports }) => [
    (addresses ?? []).map(({ ip, nodeName, hostname, targetRef }) => [
      ip,
      nodeName,
      hostname,
      targetRef?.uid,
    ]),
    (notReadyAddresses ?? []).map(({ ip, nodeName, targetRef }) => [ip, nodeName, targetRef?.uid]),
    (ports ?? []).map(({ name, port, protocol, appProtocol }) => [
      name,
      port,
      protocol,
      appProtocol,
    ]),
  ]);
  return JSON.stringify([sorted(metadata.labels), sorted(metadata.annotations), addresses]);
}

/** Keeps the `core/v1` Endpoints of Services with a selector, for those who still read them. */
export function startEndpointsController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const services = informers.of(serviceKind);
  const pods = informers.of(podKind);
  const endpoints = informers.of(endpointsKind);
  const selection = new ServiceSelection(services, pods);
  const triggers = new TriggerTimes();
  const writer = new EndpointsWriter(client, endpoints);

  /** The Endpoints of a deleted Service go with it, hand-made ones too: they have the Service's name. */
  async function remove(key: string): Promise<void> {
    triggers.forget(key);
    const existing = writer.get(key);
    if (existing !== undefined) await writer.remove(existing);
  }

  async function reconcile(key: string): Promise<void> {
    const service = services.get(key);
    if (service === undefined) {
      await remove(key);
      return;
    }
    if (!isSelecting(service)) return;
    const existing = writer.get(key);
    const pods = selection.podsOf(service);
    const next = desired(service, existing, desiredSubsets(service, pods));
    const time = triggers.next(service, pods);
    if (existing === undefined) await writer.create(withTriggerTime(next, time));
    else if (contentOf(existing) !== contentOf(next))
      await writer.update(withTriggerTime(next, time));
  }

  const caches = [services, pods, endpoints];
  const { queue, controller } = startLoop({ name: component, context, caches, reconcile });
  services.onChange(({ previous, next }) => {
    const service = next ?? previous;
    if (service !== undefined) queue.add(keyOf(service));
  });
  pods.onChange((change) => {
    for (const key of selection.concernedBy(change)) queue.add(key);
  });
  endpoints.onChange(({ previous, next }) => {
    const object = next ?? previous;
    if (object !== undefined && services.get(keyOf(object)) !== undefined) queue.add(keyOf(object));
  });
  return controller;
}
