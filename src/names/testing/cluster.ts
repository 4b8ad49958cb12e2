import type { EndpointSlice, Namespace, Pod, Service } from '../../kube/index.ts';
import type { Snapshot } from '../../snapshot/index.ts';

type Endpoint = EndpointSlice['endpoints'][number];
type SlicePort = NonNullable<EndpointSlice['ports']>[number];

/** What a test says of one Service. */
export interface ServiceSketch extends Partial<Service['spec']> {
  readonly labels?: Record<string, string>;
  readonly endpoints?: readonly Endpoint[];
  readonly endpointPorts?: readonly SlicePort[];
}

export interface ClusterSketch {
  /** By `namespace/name`. */
  readonly services?: Readonly<Record<string, ServiceSketch>>;
  /** By `namespace/name`; the value is the pod's addresses and what its spec says. */
  readonly pods?: Readonly<
    Record<string, { readonly ips: readonly string[]; readonly spec?: Partial<Pod['spec']> }>
  >;
  /** More than those of the objects, with labels. */
  readonly namespaces?: Readonly<Record<string, Record<string, string>>>;
}

function metadataOf(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

function serviceOf(key: string, sketch: ServiceSketch): Service {
  const { endpoints: _endpoints, endpointPorts: _ports, labels = {}, ...spec } = sketch;
  const clusterIPs = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadataOf(key), labels },
    spec: { ...spec, clusterIPs, clusterIP: clusterIPs[0] ?? '' },
  };
}

/** One slice of each family. */
function slicesOf(key: string, sketch: ServiceSketch): EndpointSlice[] {
  const { endpoints = [], endpointPorts } = sketch;
  const ports =
    endpointPorts ??
    (sketch.ports ?? []).map(({ name = '', protocol = 'TCP', port }) => ({ name, protocol, port }));
  return (['IPv4', 'IPv6'] as const).map((addressType) => {
    const isFamily = (address: string): boolean =>
      address.includes(':') === (addressType === 'IPv6');
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadataOf(key), name: `${metadataOf(key).name}-${addressType}` },
      addressType,
      endpoints: endpoints.filter(({ addresses }) => addresses.every(isFamily)),
      ports: [...ports],
    };
  });
}

function podOf(key: string, ips: readonly string[], spec: Partial<Pod['spec']>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(key),
    spec: { containers: [], ...spec },
    status: { podIPs: ips.map((ip) => ({ ip })) },
  };
}

function namespaceOf(name: string, labels: Record<string, string>): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A snapshot of a cluster of a few words. */
export function snapshotOf({ services = {}, pods = {}, namespaces = {} }: ClusterSketch): Snapshot {
  const names = [...Object.keys(services), ...Object.keys(pods)].map(
    (key) => metadataOf(key).namespace,
  );
  const podObjects = Object.entries(pods).map(
    ([key, { ips, spec = {} }]) => [key, podOf(key, ips, spec)] as const,
  );
  return {
    services: new Map(
      Object.entries(services).map(([key, sketch]) => [key, serviceOf(key, sketch)]),
    ),
    slices: new Map(Object.entries(services).map(([key, sketch]) => [key, slicesOf(key, sketch)])),
    pods: new Map(podObjects),
    podsByIP: new Map(
      podObjects.flatMap(([, pod]) =>
        pod.spec.hostNetwork === true
          ? []
          : (pod.status?.podIPs ?? []).map(({ ip }) => [ip, pod] as const),
      ),
    ),
    nodes: new Map(),
    namespaces: new Map([
      ...names.map((name) => [name, namespaceOf(name, {})] as const),
      ...Object.entries(namespaces).map(
        ([name, labels]) => [name, namespaceOf(name, labels)] as const,
      ),
    ]),
    policies: new Map(),
    clusterPolicies: new Map(),
  };
}
