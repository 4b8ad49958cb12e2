import { keyOf, needsNodePort, type Node, type Pod, type Service } from '../../kube/index.ts';
import { familiesOf, ipFamilyOf } from '../../services/index.ts';
import type { Assumed } from './assumptions.ts';

/** The node of pods of which nobody knows where they will run. */
export const ASSUMED_NODE = 'node';

/** Of objects that come from an API server; those of manifests have none. */
function isObserved({ metadata }: Pod): boolean {
  return metadata.uid !== undefined;
}

/** A pod of a manifest as it will be when all goes well: placed, with addresses, ready. */
export function runningPod(pod: Pod, nodes: ReadonlyMap<string, Node>, assumed: Assumed): Pod {
  if (isObserved(pod)) return pod;
  const nodeName = pod.spec.nodeName ?? [...nodes.keys()][0] ?? ASSUMED_NODE;
  if (pod.spec.nodeName === undefined) assumed.placements.add(keyOf(pod));
  const given = pod.status?.podIPs ?? [];
  const podIPs = given.length > 0 ? given : addressesOf(pod, nodes.get(nodeName), assumed);
  const [first] = podIPs;
  return {
    ...pod,
    spec: { ...pod.spec, nodeName },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      ...pod.status,
      podIPs,
      ...(first === undefined ? {} : { podIP: first.ip }),
    },
  };
}

function addressesOf(pod: Pod, node: Node | undefined, assumed: Assumed): { ip: string }[] {
  if (pod.spec.hostNetwork !== true) return assumed.take('pods').map((ip) => ({ ip }));
  const own = node?.status?.addresses?.filter(({ type }) => type === 'InternalIP') ?? [];
  return own.map(({ address }) => ({ ip: address }));
}

/**
 * A Service of a manifest with the address that a load balancer would have for it, whichever controller serves it.
 * Services that were read from an API server have theirs, or wait for it.
 */
export function balancedService(service: Service, assumed: Assumed): Service {
  const { metadata, spec, status } = service;
  const isGiven = metadata.uid !== undefined || status?.loadBalancer?.ingress !== undefined;
  if (spec.type !== 'LoadBalancer' || isGiven) return service;
  const families = familiesOf(service);
  const addresses = assumed.take('balancers').filter((ip) => families.includes(ipFamilyOf(ip)));
  const ingress = addresses.map((ip) => ({ ip, ipMode: 'VIP' as const }));
  return { ...service, status: { ...status, loadBalancer: { ingress } } };
}

/** A Service of a manifest with what the API server would give it: addresses, node ports. */
export function allocatedService(service: Service, assumed: Assumed): Service {
  const { spec } = service;
  const isDone = spec.type === 'ExternalName' || spec.clusterIP !== undefined;
  const ports = spec.ports?.map((port) =>
    needsNodePort(spec) && port.nodePort === undefined
      ? { ...port, nodePort: assumed.nodePort() }
      : port,
  );
  const withPorts = { ...spec, ...(ports === undefined ? {} : { ports }) };
  if (isDone) return { ...service, spec: withPorts };
  const [v4 = '', v6 = ''] = assumed.take('services');
  const clusterIPs = spec.ipFamilies?.map((family) => (family === 'IPv6' ? v6 : v4)) ?? [v4];
  const dual = spec.ipFamilyPolicy !== undefined && spec.ipFamilyPolicy !== 'SingleStack';
  const all = dual && clusterIPs.length === 1 ? [...new Set([...clusterIPs, v4, v6])] : clusterIPs;
  return {
    ...service,
    spec: {
      ...withPorts,
      clusterIP: all[0] ?? v4,
      clusterIPs: all,
      ipFamilies: all.map(ipFamilyOf),
    },
  };
}
