import {
  endpointsKind,
  endpointSliceKind,
  keyOf,
  serviceKind,
  type Endpoints,
  type EndpointSlice,
  type KubeObject,
  type Resource,
  type Service,
} from '../kube/index.ts';
import type { Informer } from '../client/index.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { createIfMissing } from './ensure.ts';
import { startLoop } from './run.ts';

/** The Service by which pods reach the API server. */
export interface KubernetesServiceOptions {
  /** `10.96.0.1`, and its IPv6 peer in a dual-stack cluster. */
  readonly clusterIPs: readonly string[];
  /** Where nodes and pods reach the server. */
  readonly endpoint: { readonly address: string; readonly port: number };
}

const name = 'kubernetes';
const namespace = 'default';
const key = `${namespace}/${name}`;

function familyOf(address: string): 'IPv4' | 'IPv6' {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function serviceObject({ clusterIPs, endpoint }: KubernetesServiceOptions): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIPs[0] ?? '',
      clusterIPs: [...clusterIPs],
      ipFamilies: clusterIPs.map(familyOf),
      ipFamilyPolicy: clusterIPs.length === 1 ? 'SingleStack' : 'RequireDualStack',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: endpoint.port }],
      sessionAffinity: 'None',
    },
  };
}

/** Without a selector the mirror would copy these; the slice below is the server's own. */
function endpointsObject({ endpoint }: KubernetesServiceOptions): Endpoints {
  const { address, port } = endpoint;
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  };
}

function sliceObject({ endpoint }: KubernetesServiceOptions): EndpointSlice {
  const { address, port } = endpoint;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: familyOf(address),
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}

/**
 * Keeps Service, Endpoints and EndpointSlice `default/kubernetes` (row 37 of the Services table): the API server makes them
 * at its start, this brings them back when somebody deletes them and corrects what a former run left.
 */
export function startKubernetesServiceController(
  context: ControllerContext,
  options: KubernetesServiceOptions,
): Controller {
  const { client, informers } = context;
  const services = informers.of(serviceKind);
  const endpoints = informers.of(endpointsKind);
  const slices = informers.of(endpointSliceKind);

  /** Creates what is missing, and corrects addresses that a former run of the server left. */
  async function keep<T extends KubeObject>(
    resource: Resource<T>,
    informer: Informer<T>,
    { wanted, content }: { wanted: T; content: (object: T) => unknown },
  ): Promise<void> {
    const existing = informer.get(key);
    if (existing === undefined) await createIfMissing(client, resource, wanted);
    else if (JSON.stringify(content(existing)) !== JSON.stringify(content(wanted)))
      await client.update(resource, {
        ...wanted,
        metadata: { ...existing.metadata, ...wanted.metadata },
      });
  }

  const { queue, controller } = startLoop({
    name: 'kubernetes-service',
    context,
    caches: [services, endpoints, slices],
    async reconcile() {
      await keep(serviceKind, services, {
        wanted: serviceObject(options),
        content: ({ spec }) => spec.ports?.map(({ port, targetPort }) => [port, targetPort]),
      });
      await keep(endpointsKind, endpoints, {
        wanted: endpointsObject(options),
        content: ({ subsets }) =>
          subsets?.map(({ addresses, ports }) => [
            addresses?.map(({ ip }) => ip),
            ports?.map(({ port }) => port),
          ]),
      });
      await keep(endpointSliceKind, slices, {
        wanted: sliceObject(options),
        content: (slice) => [
          slice.endpoints.map(({ addresses }) => addresses),
          slice.ports?.map(({ port }) => port),
        ],
      });
    },
  });
  for (const informer of [services, endpoints, slices] as Informer<KubeObject>[])
    informer.onChange(({ previous, next }) => {
      const object = next ?? previous;
      if (object !== undefined && keyOf(object) === key) queue.add(key);
    });
  queue.add(key);
  return controller;
}
