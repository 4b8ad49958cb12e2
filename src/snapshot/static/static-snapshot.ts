import {
  isPodTerminal,
  keyOf,
  namespaceNameLabel,
  type AnyObject,
  type ClusterNetworkPolicy,
  type EndpointSlice,
  type KubeObject,
  type Namespace,
  type NetworkPolicy,
  type Node,
  type Pod,
  type Service,
} from '../../kube/index.ts';
import type { Snapshot } from '../snapshot.ts';
import { Assumed, type Assumptions } from './assumptions.ts';
import { completeObjects } from './complete-objects.ts';
import { allocatedService, ASSUMED_NODE, balancedService, runningPod } from './fill-in.ts';
import { slicesOf } from './slices.ts';
import { dnsObjects } from './system-objects.ts';
import { workloadKinds } from './workloads.ts';

/** A snapshot of objects that are written down, or were read once. */
export interface StaticSnapshot extends Snapshot {
  /** By `Kind/namespace/name`: what makes pods of templates. */
  readonly workloads: ReadonlyMap<string, AnyObject>;
  readonly assumed: Assumptions;
}

export interface StaticOptions {
  /** Of objects that name none; `default` when absent. */
  readonly namespace?: string;
}

const SERVICE_LABEL = 'kubernetes.io/service-name';

function ofKind<T extends KubeObject>(objects: readonly AnyObject[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as unknown as T[];
}

function byKey<T extends KubeObject>(objects: readonly T[]): Map<string, T> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

/** Every address that an object has already. */
function takenAddresses(pods: readonly Pod[], services: readonly Service[]): Set<string> {
  return new Set([
    ...pods.flatMap(({ status }) => status?.podIPs ?? []).map(({ ip }) => ip),
    ...services.flatMap(({ spec }) => spec.clusterIPs ?? spec.clusterIP ?? []),
    ...services
      .flatMap(({ status }) => status?.loadBalancer?.ingress ?? [])
      .flatMap(({ ip }) => ip ?? []),
  ]);
}

function nodesOf(objects: readonly AnyObject[], assumed: Assumed): Map<string, Node> {
  const nodes = ofKind<Node>(objects, 'Node');
  if (nodes.length > 0) return byKey(nodes);
  const addresses = assumed
    .take('nodes')
    .map((address) => ({ type: 'InternalIP' as const, address }));
  const metadata = { name: ASSUMED_NODE };
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: { addresses } };
  return byKey([node]);
}

/** The namespaces of the objects, and those that objects name. Each has its name as a label (KEP-2161). */
function namespacesOf(objects: readonly AnyObject[]): Map<string, Namespace> {
  const given = ofKind<Namespace>(objects, 'Namespace');
  const named = objects.flatMap(({ metadata }) => metadata.namespace ?? []);
  const missing = new Set([...named, 'default']).difference(
    new Set(given.map(({ metadata }) => metadata.name)),
  );
  const all = [
    ...given,
    ...[...missing].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  ];
  return byKey(
    all.map((namespace: Namespace) => {
      const { name, labels } = namespace.metadata;
      const metadata = { ...namespace.metadata, labels: { ...labels, [namespaceNameLabel]: name } };
      return { ...namespace, metadata };
    }),
  );
}

/** Slices by Service: those there are, or those that the endpoint controller would write. */
function slicesByService(
  services: ReadonlyMap<string, Service>,
  pods: ReadonlyMap<string, Pod>,
  given: readonly EndpointSlice[],
): Map<string, readonly EndpointSlice[]> {
  const known = Map.groupBy(
    given,
    ({ metadata }) => `${metadata.namespace}/${metadata.labels?.[SERVICE_LABEL]}`,
  );
  return new Map(
    [...services].map(([key, service]) => [
      key,
      known.get(key) ?? slicesOf(service, pods.values()),
    ]),
  );
}

/** Pods in their node's network have no address of their own. */
function podsByAddress(pods: ReadonlyMap<string, Pod>): Map<string, Pod> {
  return new Map(
    [...pods.values()]
      .filter((pod) => pod.spec.hostNetwork !== true && !isPodTerminal(pod))
      .flatMap((pod) => (pod.status?.podIPs ?? []).map(({ ip }) => [ip, pod] as const)),
  );
}

/**
 * The cluster that objects make: read from an API server, or from manifests. What manifests leave to the cluster is filled
 * in and remembered as assumed: defaults, pods of templates, addresses, nodes, endpoints, namespaces, cluster DNS.
 */
export function staticSnapshot(
  objects: readonly AnyObject[],
  { namespace = 'default' }: StaticOptions = {},
): StaticSnapshot {
  const { objects: complete, stamped } = completeObjects(objects, namespace);
  const added = [...stamped, ...dnsObjects(complete)];
  const all = [...complete, ...added];
  const written = ofKind<Pod>(all, 'Pod');
  const assumed = new Assumed(takenAddresses(written, ofKind<Service>(all, 'Service')));
  for (const pod of ofKind<Pod>(added, 'Pod')) assumed.pods.add(keyOf(pod));
  const nodes = nodesOf(all, assumed);
  const pods = byKey(written.map((pod) => runningPod(pod, nodes, assumed)));
  const services = byKey(
    ofKind<Service>(all, 'Service').map((service) =>
      balancedService(allocatedService(service, assumed), assumed),
    ),
  );
  const workloads = all.filter(({ kind }) => workloadKinds.includes(kind));
  return {
    services,
    slices: slicesByService(services, pods, ofKind<EndpointSlice>(all, 'EndpointSlice')),
    pods,
    podsByIP: podsByAddress(pods),
    nodes,
    namespaces: namespacesOf(all),
    policies: byKey(ofKind<NetworkPolicy>(all, 'NetworkPolicy')),
    clusterPolicies: byKey(ofKind<ClusterNetworkPolicy>(all, 'ClusterNetworkPolicy')),
    workloads: new Map(workloads.map((object) => [`${object.kind}/${keyOf(object)}`, object])),
    assumed,
  };
}
