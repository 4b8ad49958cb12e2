import { parseAddress, parseCidr, type Address, type Cidr, type Family } from '../ip/index.ts';
import type { Service, ServicePort, ServiceSpec } from '../kube/index.ts';
import type { BalancerSettings, HealthSettings } from './settings.ts';

/** `loadBalancerClass` of Services that are this cloud's; those without a class are, too (KEP-1959; row 10). */
export const CLOUD_CLASS = 'portolan.io/cloud';

/** One port that the balancer serves. */
export interface BalancerPort {
  /** Empty when the Service does not name it. */
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  readonly nodePort: number;
}

/** A port that it cannot serve. */
export interface UnservedPort {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** In CamelCase, as `status.loadBalancer.ingress[].ports[].error` wants it. */
  readonly error: 'NodePortMissing' | 'ProtocolNotSupported';
}

/** How a node is asked, at its own address. */
export interface HealthCheck extends Pick<
  HealthSettings,
  'intervalMs' | 'timeoutMs' | 'healthyThreshold' | 'unhealthyThreshold'
> {
  readonly protocol: 'TCP' | 'HTTP' | 'HTTPS';
  readonly port: number;
  /** Of HTTP. */
  readonly path: string;
}

/** What a Service asks of the cloud: plain data, so that two can be compared. */
export interface DesiredBalancer {
  readonly families: readonly Family[];
  /** Asked for by `loadBalancerIP` or an annotation. */
  readonly addresses: readonly Address[];
  readonly ports: readonly BalancerPort[];
  readonly unserved: readonly UnservedPort[];
  /** Absent when nothing can be asked, as with UDP alone: then every node is taken to be healthy. */
  readonly health?: HealthCheck;
  /** A client always goes to the same node, where the node's own affinity takes over. */
  readonly hasAffinity: boolean;
  /** Nodes see the client's own address where they can: external policy Local promises it (row 21). */
  readonly keepsSource: boolean;
  /** Absent admits everybody. */
  readonly sourceRanges?: readonly Cidr[];
  readonly settings: BalancerSettings;
}

/** Whether this cloud serves the Service: one of type LoadBalancer that nobody deletes and no other class claims. */
export function wantsBalancer({ metadata, spec }: Service): boolean {
  return (
    spec.type === 'LoadBalancer' && metadata.deletionTimestamp === undefined && !isForeign(spec)
  );
}

/** Whether the Service is for another load balancer controller. */
export function isForeign({ type, loadBalancerClass = '' }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && loadBalancerClass !== '' && loadBalancerClass !== CLOUD_CLASS;
}

export function desiredBalancer({ spec }: Service, settings: BalancerSettings): DesiredBalancer {
  const { ports = [], ipFamilies = ['IPv4'], loadBalancerSourceRanges: ranges = [] } = spec;
  const served = ports.flatMap(servedPort);
  const health = healthCheck(spec, served, settings.health);
  return {
    families: ipFamilies.map((family) => (family === 'IPv4' ? 4 : 6)),
    addresses: requestedAddresses(spec, settings),
    ports: served,
    unserved: ports.flatMap(unservedPort),
    ...(health === undefined ? {} : { health }),
    hasAffinity: spec.sessionAffinity === 'ClientIP',
    keepsSource: spec.externalTrafficPolicy === 'Local',
    ...(ranges.length === 0 ? {} : { sourceRanges: readRanges(ranges) }),
    settings,
  };
}

function readRanges(ranges: readonly string[]): Cidr[] {
  return ranges.map((range) => parseCidr(range.trim())).filter((range) => range !== undefined);
}

function requestedAddresses(spec: ServiceSpec, settings: BalancerSettings): readonly Address[] {
  const own = parseAddress(spec.loadBalancerIP ?? '');
  const others = settings.addresses.filter(({ family }) => family !== own?.family);
  return own === undefined ? others : [own, ...others];
}

function servedPort({ name = '', port, nodePort = 0, protocol = 'TCP' }: ServicePort) {
  return nodePort === 0 || protocol === 'SCTP' ? [] : [{ name, protocol, port, nodePort }];
}

/** User space forwards TCP and UDP; and to a node only by a node port (row 12). */
function unservedPort({ port, nodePort = 0, protocol = 'TCP' }: ServicePort): UnservedPort[] {
  if (protocol === 'SCTP') return [{ port, protocol, error: 'ProtocolNotSupported' }];
  return nodePort === 0 ? [{ port, protocol, error: 'NodePortMissing' }] : [];
}

/**
 * External policy Local is asked at healthCheckNodePort, which knows whether the node has endpoints (row 13); all others
 * at the first TCP node port.
 */
function healthCheck(
  spec: ServiceSpec,
  ports: readonly BalancerPort[],
  settings: HealthSettings,
): HealthCheck | undefined {
  const isLocal = spec.externalTrafficPolicy === 'Local' && (spec.healthCheckNodePort ?? 0) > 0;
  const traffic = ports.find(({ protocol }) => protocol === 'TCP')?.nodePort;
  const port = settings.port ?? (isLocal ? spec.healthCheckNodePort : traffic);
  if (port === undefined) return undefined;
  const asksPage = settings.path !== undefined || (isLocal && settings.port === undefined);
  const { intervalMs, timeoutMs, healthyThreshold, unhealthyThreshold } = settings;
  return {
    protocol: settings.protocol ?? (asksPage ? 'HTTP' : 'TCP'),
    port,
    path: settings.path ?? (isLocal ? '/healthz' : '/'),
    intervalMs,
    timeoutMs,
    healthyThreshold,
    unhealthyThreshold,
  };
}
