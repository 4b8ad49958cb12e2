import type { Client } from '../client/index.ts';
import { ApiError, type AnyObject, type KindDefinition } from '../kube/index.ts';
import { defaultClusterRoleBindings, defaultClusterRoles } from './authorization/default-roles.ts';
import type { Catalog } from './registry/catalog.ts';

/** The Service `default/kubernetes`: how pods reach the API server. */
export interface KubernetesService {
  /** `10.96.0.1`, and its IPv6 peer in a dual-stack cluster. */
  readonly clusterIPs: readonly string[];
  /** Where nodes reach the server, e.g. `172.18.0.1:6443`. */
  readonly endpoint: { readonly address: string; readonly port: number };
}

export interface BootstrapOptions {
  /** Blocks of Service addresses, the default family first. */
  readonly serviceCidrs: readonly string[];
  /** Absent: it is not made. */
  readonly service: KubernetesService | undefined;
}

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

function namespaces(): AnyObject[] {
  return systemNamespaces.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
}

/** As Kubernetes labels it. */
const serviceLabels = { component: 'apiserver', provider: 'kubernetes' };

function serviceCidr(serviceCidrs: readonly string[]): AnyObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: serviceCidrs },
  };
}

function isIPv6(text: string): boolean {
  return text.includes(':');
}

function serviceObject({ clusterIPs, endpoint }: KubernetesService): AnyObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: serviceLabels },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIPs[0],
      clusterIPs,
      ipFamilies: clusterIPs.map((address) => (isIPv6(address) ? 'IPv6' : 'IPv4')),
      ipFamilyPolicy: clusterIPs.length === 1 ? 'SingleStack' : 'RequireDualStack',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: endpoint.port }],
      sessionAffinity: 'None',
    },
  };
}

function endpointsObject({ endpoint: { address, port } }: KubernetesService): AnyObject {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  };
}

function sliceObject({ endpoint: { address, port } }: KubernetesService): AnyObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'kubernetes' },
    },
    addressType: isIPv6(address) ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}

function kubernetesService(service: KubernetesService | undefined): AnyObject[] {
  if (service === undefined) return [];
  return [serviceObject(service), endpointsObject(service), sliceObject(service)];
}

async function exists(client: Client, kind: KindDefinition, object: AnyObject): Promise<boolean> {
  const { name, namespace } = object.metadata;
  try {
    await client.get(kind, { name, ...(namespace === undefined ? {} : { namespace }) });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return false;
    throw error;
  }
}

/** Looks first: creating what is there would be refused for its addresses, which it has itself. */
async function ensure(client: Client, kind: KindDefinition, object: AnyObject): Promise<void> {
  if (!(await exists(client, kind, object))) await client.create(kind, object);
}

/**
 * Makes what every cluster has from its start: system namespaces, default roles, the ServiceCIDR and the Service
 * `kubernetes`. What is there already stays as it is.
 */
export async function bootstrap(
  client: Client,
  catalog: Catalog,
  options: BootstrapOptions,
): Promise<void> {
  const objects = [
    ...namespaces(),
    ...defaultClusterRoles(),
    ...defaultClusterRoleBindings(),
    serviceCidr(options.serviceCidrs),
    ...kubernetesService(options.service),
  ];
  for (const object of objects) {
    const kind = catalog.definitions().find((one) => one.kind === object.kind);
    if (kind !== undefined) await ensure(client, kind, object);
  }
}
