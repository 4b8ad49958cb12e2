import { createHttpClient, loadContext, type Client } from '../../client/index.ts';
import { Fault } from '../../fault/index.ts';
import { requireCidr, type Cidr } from '../../ip/index.ts';
import {
  ApiError,
  clusterNetworkPolicyKind,
  configMapKind,
  daemonSetKind,
  deploymentKind,
  endpointSliceKind,
  ingressClassKind,
  ingressKind,
  namespaceKind,
  networkPolicyKind,
  nodeKind,
  podKind,
  replicaSetKind,
  secretKind,
  serviceCidrKind,
  serviceKind,
  statefulSetKind,
  type AnyObject,
  type KubeObject,
  type Resource,
  type ServiceCIDR,
} from '../../kube/index.ts';
import { readAccess } from '../access.ts';
import { commandLine } from '../command-line.ts';
import { findDaemon } from '../daemon/identity.ts';
import type { InquirySource } from './request.ts';

/** What a cluster has that connections depend on. */
export interface ClusterObjects {
  readonly objects: readonly AnyObject[];
  readonly serviceRanges: readonly Cidr[];
  /** Absent where cluster DNS is configured otherwise, or its configuration may not be read. */
  readonly corefile?: string;
  readonly namespace: string;
}

/** What every cluster serves. */
const needed: readonly Resource<KubeObject>[] = [
  namespaceKind,
  nodeKind,
  podKind,
  serviceKind,
  endpointSliceKind,
  networkPolicyKind,
  deploymentKind,
  statefulSetKind,
  daemonSetKind,
  replicaSetKind,
];

/** Served by some clusters only: an API that is not there has no objects. */
const optional: readonly Resource<KubeObject>[] = [clusterNetworkPolicyKind, serviceCidrKind];

/** What routes of HTTP refer to: read only where one is asked about, for not everybody may read Secrets. */
const ofRoutes: readonly Resource<KubeObject>[] = [
  ingressKind,
  ingressClassKind,
  secretKind,
  configMapKind,
];

async function list(client: Client, resource: Resource<KubeObject>): Promise<AnyObject[]> {
  return (await client.list(resource)).items as AnyObject[];
}

async function listIfServed(client: Client, resource: Resource<KubeObject>): Promise<AnyObject[]> {
  try {
    return await list(client, resource);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'API_NOT_FOUND') return [];
    throw error;
  }
}

/** The configuration of CoreDNS where every installer puts it. */
async function readCorefile(client: Client): Promise<string | undefined> {
  try {
    const ref = { namespace: 'kube-system', name: 'coredns' };
    return (await client.get(configMapKind, ref)).data?.['Corefile'];
  } catch (error) {
    if (error instanceof ApiError && ['API_NOT_FOUND', 'API_FORBIDDEN'].includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}

function accessOf({ context, directories }: InquirySource) {
  if (context !== undefined) return loadContext({}, context);
  const options = readAccess(directories);
  if (findDaemon(directories) !== undefined) return { options, namespace: 'default' };
  const { name } = directories;
  throw new Fault({
    code: 'CLUSTER_NOT_RUNNING',
    message: `cluster "${name}" is not running: it has no objects to ask about`,
    advice: `Start it: ${commandLine('start', name)}; or ask about manifests with -f.`,
  });
}

/** Reads a cluster once: Portolan's own, or that of a context. @throws Fault, ApiError */
export async function readCluster(source: InquirySource): Promise<ClusterObjects> {
  const { options, namespace } = accessOf(source);
  const client = createHttpClient(options);
  try {
    const lists = await Promise.all([
      ...needed.map((resource) => list(client, resource)),
      ...optional.map((resource) => listIfServed(client, resource)),
      ...(source.withRoutes === true ? ofRoutes : []).map((resource) => list(client, resource)),
    ]);
    const objects = lists.flat();
    const corefile = await readCorefile(client);
    const ranges = objects.filter(({ kind }) => kind === serviceCidrKind.kind);
    return {
      objects,
      namespace,
      ...(corefile === undefined ? {} : { corefile }),
      serviceRanges: ranges.flatMap((range) =>
        ((range as unknown as ServiceCIDR).spec.cidrs ?? []).map(requireCidr),
      ),
    };
  } finally {
    client.close();
  }
}
