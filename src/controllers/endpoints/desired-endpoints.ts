import type { EndpointAddress, EndpointSubset, Pod, Service } from '../../kube/index.ts';
import {
  addressIn,
  conditionsOf,
  familiesOf,
  hostnameOf,
  isInEndpoints,
  targetOf,
} from '../../services/index.ts';
import { portsKey } from './ports-key.ts';
import { resolvePorts } from '../../services/index.ts';

/** Endpoints objects hold no more addresses than this; the rest is in the EndpointSlices alone. */
export const endpointsCapacity = 1000;

interface Group {
  readonly ports: NonNullable<EndpointSubset['ports']>;
  readonly ready: EndpointAddress[];
  readonly notReady: EndpointAddress[];
}

function byAddress(one: { readonly ip: string }, two: { readonly ip: string }): number {
  if (one.ip === two.ip) return 0;
  return one.ip < two.ip ? -1 : 1;
}

function subsetOf({ ports, ready, notReady }: Group): EndpointSubset {
  return {
    ...(ready.length === 0 ? {} : { addresses: ready.sort(byAddress) }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady.sort(byAddress) }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

function addressOf(pod: Pod, service: Service, ip: string): EndpointAddress {
  const { nodeName } = pod.spec;
  return {
    ip,
    ...hostnameOf(pod, service),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: targetOf(pod),
  };
}

interface Candidate {
  readonly pod: Pod;
  readonly ip: string;
}

/** Ready pods first, so that a cut leaves those that serve; then by address, so that it leaves the same ones each time. */
function readyFirst(candidates: readonly Candidate[], service: Service): Candidate[] {
  const rank = ({ pod }: Candidate) => (conditionsOf(pod, service).ready ? 0 : 1);
  return candidates.toSorted((one, two) => rank(one) - rank(two) || byAddress(one, two));
}

/**
 * The subsets of a Service's Endpoints, in its primary family alone: the object is older than the second.
 * `truncated` says that there were more than {@link endpointsCapacity}.
 */
export function desiredSubsets(
  service: Service,
  pods: readonly Pod[],
): { readonly subsets: EndpointSubset[]; readonly truncated: boolean } {
  const [family = 'IPv4'] = familiesOf(service);
  const groups = new Map<string, Group>();
  const serving = pods.flatMap((pod) => {
    const ip = isInEndpoints(pod, service) ? addressIn(pod, family) : undefined;
    return ip === undefined ? [] : [{ pod, ip }];
  });
  for (const { pod, ip } of readyFirst(serving, service).slice(0, endpointsCapacity)) {
    const ports = resolvePorts(service, pod).map(({ name, ...port }) =>
      name === '' ? port : { name, ...port },
    );
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    const list = conditionsOf(pod, service).ready ? group.ready : group.notReady;
    list.push(addressOf(pod, service, ip));
    groups.set(key, group);
  }
  return {
    subsets: [...groups]
      .sort(([one], [two]) => (one < two ? -1 : 1))
      .map(([, group]) => subsetOf(group)),
    truncated: serving.length > endpointsCapacity,
  };
}
