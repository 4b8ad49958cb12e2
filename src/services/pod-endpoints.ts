import {
  isConditionTrue,
  isPodTerminal,
  type Node,
  type Pod,
  type Service,
  type Endpoint,
} from '../kube/index.ts';

/** Where a node is, as Kubernetes and clouds label it. */
export const zoneLabel = 'topology.kubernetes.io/zone';

/** `core/v1 IPFamily`, which is an EndpointSlice's `addressType` too. */
type IPFamily = 'IPv4' | 'IPv6';

export function ipFamilyOf(ip: string): IPFamily {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/** The families in which a Service has endpoints, the primary first. */
export function familiesOf({ spec }: Service): readonly IPFamily[] {
  if (spec.ipFamilies !== undefined && spec.ipFamilies.length > 0) return spec.ipFamilies;
  const { clusterIP = '' } = spec;
  return [clusterIP === 'None' ? 'IPv4' : ipFamilyOf(clusterIP)];
}

/** A pod's address in a family; undefined while it has none. */
export function addressIn(pod: Pod, family: IPFamily): string | undefined {
  const { podIPs = [], podIP } = pod.status ?? {};
  const all = podIPs.length > 0 ? podIPs.map(({ ip }) => ip) : [podIP ?? ''];
  return all.find((ip) => ip !== '' && ipFamilyOf(ip) === family);
}

/** False for pods that will never serve again. */
export function canServe(pod: Pod): boolean {
  return !isPodTerminal(pod);
}

function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/**
 * KEP-1672. A pod that is being deleted is not ready at once, whatever its probes say, so that it is out of the
 * rules before its containers hear of the end.
 */
export function conditionsOf(pod: Pod, service: Service) {
  const serving = isConditionTrue(pod.status?.conditions, 'Ready');
  const terminating = isTerminating(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  return { ready, serving, terminating };
}

/** Terminating pods stay in EndpointSlices, where they can be told from others, but not in Endpoints. */
export function isInEndpoints(pod: Pod, service: Service): boolean {
  return canServe(pod) && (!isTerminating(pod) || service.spec.publishNotReadyAddresses === true);
}

/** The name that a pod with hostname and subdomain has below its headless Service. */
export function hostnameOf(pod: Pod, service: Service): { hostname?: string } {
  const { hostname, subdomain } = pod.spec;
  const isNamed = hostname !== undefined && hostname !== '' && subdomain === service.metadata.name;
  return isNamed ? { hostname } : {};
}

/** What an endpoint says of the pod it is. */
export function targetOf({ metadata }: Pod) {
  const { name, namespace, uid } = metadata;
  return {
    kind: 'Pod',
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
}

/** The pod as an endpoint of the Service; `node` is the pod's own, for the zone. */
export function endpointOfPod(
  pod: Pod,
  service: Service,
  { address, node }: { readonly address: string; readonly node: Node | undefined },
): Endpoint {
  const zone = node?.metadata.labels?.[zoneLabel];
  const { nodeName } = pod.spec;
  return {
    addresses: [address],
    conditions: conditionsOf(pod, service),
    ...hostnameOf(pod, service),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    targetRef: targetOf(pod),
  };
}
