import type { Informer } from '../../client/index.ts';
import {
  endpointSliceKind,
  isHeadless,
  keyOf,
  nodeKind,
  ownerReference,
  podKind,
  serviceKind,
  type EndpointSlice,
  type Node,
  type Pod,
  type Service,
} from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import { desiredGroups } from './desired-slices.ts';
import { zoneLabel } from '../../services/index.ts';
import { isSelecting, ServiceSelection } from './service-selection.ts';
import {
  diffSlices,
  headlessLabel,
  isManagedBy,
  managedByLabel,
  serviceNameLabel,
  type SliceTemplate,
} from './slice-diff.ts';
import { serviceKeyOf, SliceWriter } from './slice-writer.ts';
import { TriggerTimes, withTriggerTime } from './trigger-times.ts';

const component = 'endpoint-slice-controller';
const manager = 'endpointslice-controller.k8s.io';
const endpointsPerSlice = 100;

function templateFor(service: Service): SliceTemplate {
  const { name, namespace = '', labels } = service.metadata;
  return {
    limit: endpointsPerSlice,
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        ...labels,
        [serviceNameLabel]: name,
        [managedByLabel]: manager,
        ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
      },
      ownerReferences: [ownerReference(serviceKind, service)],
    },
  };
}

/** Calls `run` when a node's zone becomes another. */
function onZoneChange(nodes: Informer<Node>, run: () => void): void {
  nodes.onChange(({ previous, next }) => {
    if (previous?.metadata.labels?.[zoneLabel] !== next?.metadata.labels?.[zoneLabel]) run();
  });
}

/** Keeps the EndpointSlices of Services with a selector (KEP-752; rows 25, 26, 28, 33 and 34 of the Services table). */
export function startEndpointSliceController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const services = informers.of(serviceKind);
  const pods = informers.of(podKind);
  const nodes = informers.of(nodeKind);
  const slices = informers.of(endpointSliceKind);
  const selection = new ServiceSelection(services, pods);
  const writer = new SliceWriter(client, slices, manager);
  const triggers = new TriggerTimes();

  async function reconcile(key: string): Promise<void> {
    const service = services.get(key);
    // The garbage collector takes the slices of a deleted Service; those of one that lost its selector stay, as in Kubernetes.
    if (service === undefined) triggers.forget(key);
    if (service === undefined || !isSelecting(service)) return;
    const pods = selection.podsOf(service);
    const nodeOf = (pod: Pod) => nodes.get(pod.spec.nodeName ?? '');
    const groups = desiredGroups(service, { pods, nodeOf });
    const changes = diffSlices(groups, writer.of(key), templateFor(service));
    const time = triggers.next(service, pods);
    const stamped = (slice: EndpointSlice) => withTriggerTime(slice, time);
    await writer.apply({
      // The garbage collector may be taking the slices of a Service that is going: making new ones would race it.
      create: service.metadata.deletionTimestamp === undefined ? changes.create.map(stamped) : [],
      update: changes.update.map(stamped),
      remove: changes.remove,
    });
  }

  const caches = [services, pods, nodes, slices];
  const { queue, controller } = startLoop({ name: component, context, caches, reconcile });
  services.onChange(({ previous, next }) => {
    const service = next ?? previous;
    if (service !== undefined) queue.add(keyOf(service));
  });
  pods.onChange((change) => {
    for (const key of selection.concernedBy(change)) queue.add(key);
  });
  slices.onChange(({ previous, next }) => {
    const slice = next ?? previous;
    // Own writes come back too; comparing once more is cheap and puts a stranger's changes right.
    if (slice !== undefined && isManagedBy(slice, manager)) queue.add(serviceKeyOf(slice));
  });
  onZoneChange(nodes, () => {
    for (const service of services.list()) queue.add(keyOf(service));
  });
  return controller;
}
