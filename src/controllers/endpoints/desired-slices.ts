import type { AddressType, Endpoint, EndpointSlice, Node, Pod, Service } from '../../kube/index.ts';
import { addressIn, canServe, endpointOfPod, familiesOf } from '../../services/index.ts';
import { portsKey } from './ports-key.ts';
import { resolvePorts } from '../../services/index.ts';
import { withHints } from './topology-hints.ts';

/** Endpoints of one family that serve the same port numbers: what one or more slices hold. */
export interface EndpointGroup {
  readonly addressType: AddressType;
  readonly ports: NonNullable<EndpointSlice['ports']>;
  readonly endpoints: readonly Endpoint[];
}

/** The pods that a Service selects, and the nodes they are on. */
export interface PodSources {
  readonly pods: readonly Pod[];
  readonly nodeOf: (pod: Pod) => Node | undefined;
}

type PortGroup = { readonly ports: EndpointGroup['ports']; readonly endpoints: Endpoint[] };

function groupsIn(
  family: 'IPv4' | 'IPv6',
  service: Service,
  { pods, nodeOf }: PodSources,
): EndpointGroup[] {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    const address = addressIn(pod, family);
    if (address === undefined || !canServe(pod)) continue;
    const ports = resolvePorts(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Array<Endpoint>() };
    const endpoint = endpointOfPod(pod, service, { address, node: nodeOf(pod) });
    group.endpoints.push(withHints(endpoint, service));
    groups.set(key, group);
  }
  // A Service without endpoints keeps one empty slice: its watchers learn that it has none.
  if (groups.size === 0) groups.set('', { ports: [], endpoints: [] });
  return [...groups.values()].map((group) => ({ addressType: family, ...group }));
}

/** The groups that a Service's slices should hold: a family each, a set of port numbers each (rows 28, 33, 34). */
export function desiredGroups(service: Service, sources: PodSources): EndpointGroup[] {
  return familiesOf(service).flatMap((family) => groupsIn(family, service, sources));
}
