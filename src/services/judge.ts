import type { Family } from '../ip/index.ts';
import type {
  Affinity,
  Capture,
  Judgement,
  Masquerading,
  ServiceObject,
  SliceObject,
  Vantage,
  Verdict,
} from './contract.ts';
import { endpointsOf } from './endpoints.ts';
import { proxiedFamilies, frontendsOf, type FrontendAddress } from './frontends.ts';
import { healthCheckOf } from './health-check.ts';
import { skipReason } from './skip.ts';
import { sourceRangesOf } from './source-ranges.ts';
import { chooseCluster, chooseLocal, type Choice } from './topology.ts';

/** `core/v1 DefaultClientIPServiceAffinitySeconds`. */
const DEFAULT_AFFINITY_SECONDS = 10_800;

type ServicePort = NonNullable<ServiceObject['spec']['ports']>[number];

/**
 * Judges what one node does with connections to one Service: each address and port it captures, with the verdict and
 * its reason. `slices` are the Service's own EndpointSlices.
 */
export function judgeService(
  service: ServiceObject,
  slices: readonly SliceObject[],
  vantage: Vantage,
): Judgement {
  const skipped = skipReason(service);
  if (skipped !== undefined) return { captures: [], skipped };
  const captures = proxiedFamilies(service).flatMap((family) =>
    (service.spec.ports ?? []).flatMap((port) =>
      judgePort({ service, slices, vantage, family, port }),
    ),
  );
  const healthCheck = healthCheckOf(service, slices, vantage);
  return { captures, ...(healthCheck === undefined ? {} : { healthCheck }) };
}

interface PortCase {
  readonly service: ServiceObject;
  readonly slices: readonly SliceObject[];
  readonly vantage: Vantage;
  readonly family: Family;
  readonly port: ServicePort;
}

/** The two choices of a Service port, of which each frontend takes what its policy says. */
interface Choices {
  readonly cluster: Choice;
  readonly local: Choice;
}

function judgePort(subject: PortCase): Capture[] {
  const { service, slices, vantage, family, port } = subject;
  const { name = '', protocol = 'TCP' } = port;
  const endpoints = endpointsOf(slices, { name, protocol }, family);
  const choices = {
    cluster: chooseCluster(endpoints, vantage),
    local: chooseLocal(endpoints, vantage),
  };
  const affinity = affinityOf(service);
  const common = {
    servicePort: `${service.metadata.namespace ?? ''}/${service.metadata.name}:${name}`,
    family,
    protocol,
    serving: endpoints.filter(({ ready, serving }) => ready || serving),
    ...(affinity === undefined ? {} : { affinity }),
  };
  return frontendsOf(service, port, { vantage, family }).map((address) => ({
    ...common,
    ...address,
    ...verdicts(service, address, choices),
    ...sourceRangesOf(service, address, vantage),
  }));
}

function verdicts(
  { spec }: ServiceObject,
  { frontend }: FrontendAddress,
  { cluster, local }: Choices,
): Pick<Capture, 'verdict' | 'internal'> {
  if (frontend === 'ClusterIP') {
    const choice = spec.internalTrafficPolicy === 'Local' ? local : cluster;
    return { verdict: verdictOf(choice, 'off-cluster') };
  }
  if (spec.externalTrafficPolicy !== 'Local') return { verdict: verdictOf(cluster, 'always') };
  return externalLocal({ cluster, local });
}

/**
 * External policy Local keeps the client's address and stays on this node; connections that start inside the cluster
 * have no balancer in front of them and may use every endpoint (row 21). The node's own are masqueraded.
 */
function externalLocal({ cluster, local }: Choices): Pick<Capture, 'verdict' | 'internal'> {
  const verdict = verdictOf(local, 'never');
  const internal = verdictOf(cluster, 'off-cluster');
  return internal.action === 'forward' ? { verdict, internal } : { verdict };
}

/** No endpoints at all reject; endpoints only on other nodes drop, so that a balancer tries another (row 4). */
function verdictOf(choice: Choice, masquerade: Masquerading): Verdict {
  if (choice.reason === 'NO_ENDPOINTS') return { action: 'reject', reason: choice.reason };
  if (choice.reason === 'NO_LOCAL_ENDPOINTS') return { action: 'drop', reason: choice.reason };
  return { action: 'forward', endpoints: choice.endpoints, masquerade, reason: choice.reason };
}

function affinityOf({ spec }: ServiceObject): Affinity | undefined {
  if (spec.sessionAffinity !== 'ClientIP') return undefined;
  const timeoutSeconds =
    spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
  return { kind: 'ClientIP', timeoutSeconds };
}
