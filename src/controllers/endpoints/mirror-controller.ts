import {
  endpointsKind,
  endpointSliceKind,
  keyOf,
  ownerReference,
  serviceKind,
  type Endpoint,
  type EndpointAddress,
  type Endpoints,
  type EndpointSubset,
  type Service,
} from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import type { EndpointGroup } from './desired-slices.ts';
import {
  diffSlices,
  isManagedBy,
  managedByLabel,
  serviceNameLabel,
  type SliceTemplate,
} from './slice-diff.ts';
import { serviceKeyOf, SliceWriter } from './slice-writer.ts';
import { portsKey } from './ports-key.ts';

const component = 'endpointslice-mirroring-controller';
const manager = 'endpointslicemirroring-controller.k8s.io';
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';
const endpointsPerSlice = 1000;

/** Annotations that speak of the Endpoints object itself. */
const notCopied = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
];

function shouldMirror(endpoints: Endpoints, service: Service | undefined): boolean {
  const { labels = {}, annotations = {}, deletionTimestamp } = endpoints.metadata;
  return (
    deletionTimestamp === undefined &&
    labels[skipLabel] !== 'true' &&
    annotations[leaderAnnotation] === undefined &&
    service !== undefined &&
    service.spec.type !== 'ExternalName' &&
    Object.keys(service.spec.selector ?? {}).length === 0
  );
}

function endpointOfPod(address: EndpointAddress, ready: boolean): Endpoint {
  const { ip, hostname, nodeName, targetRef } = address;
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  };
}

function endpointsOf({ addresses = [], notReadyAddresses = [] }: EndpointSubset): Endpoint[] {
  return [
    ...addresses.map((address) => endpointOfPod(address, true)),
    ...notReadyAddresses.map((address) => endpointOfPod(address, false)),
  ];
}

function groupsOf({ subsets = [] }: Endpoints): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup & { endpoints: Endpoint[] }>();
  for (const subset of subsets) {
    const ports = (subset.ports ?? []).map((port) => ({
      name: '',
      protocol: 'TCP' as const,
      ...port,
    }));
    for (const endpoint of endpointsOf(subset)) {
      const addressType = endpoint.addresses[0]?.includes(':') === true ? 'IPv6' : 'IPv4';
      const key = `${addressType} ${portsKey(ports)}`;
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      group.endpoints.push(endpoint);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function templateFor(endpoints: Endpoints): SliceTemplate {
  const { name, namespace = '', labels, annotations = {} } = endpoints.metadata;
  const copied = Object.entries(annotations).filter(([key]) => !notCopied.includes(key));
  return {
    limit: endpointsPerSlice,
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: manager },
      annotations: Object.fromEntries(copied),
      ownerReferences: [ownerReference(endpointsKind, endpoints)],
    },
  };
}

/** Mirrors the Endpoints that people write for Services without a selector into EndpointSlices (row 35). */
export function startEndpointSliceMirroringController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const services = informers.of(serviceKind);
  const endpoints = informers.of(endpointsKind);
  const slices = informers.of(endpointSliceKind);
  const writer = new SliceWriter(client, slices, manager);

  async function reconcile(key: string): Promise<void> {
    const source = endpoints.get(key);
    const existing = writer.of(key);
    if (source === undefined || !shouldMirror(source, services.get(key)))
      await writer.apply({ create: [], update: [], remove: existing });
    else await writer.apply(diffSlices(groupsOf(source), existing, templateFor(source)));
  }

  const caches = [services, endpoints, slices];
  const { queue, controller } = startLoop({ name: component, context, caches, reconcile });
  for (const informer of [services, endpoints])
    informer.onChange(({ previous, next }) => {
      const object = next ?? previous;
      if (object !== undefined) queue.add(keyOf(object));
    });
  slices.onChange(({ previous, next }) => {
    const slice = next ?? previous;
    if (slice !== undefined && isManagedBy(slice, manager)) queue.add(serviceKeyOf(slice));
  });
  return controller;
}
