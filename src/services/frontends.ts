import { formatAddress, parseAddress, type Family } from '../ip/index.ts';
import type { Frontend, ServiceObject, Vantage } from './contract.ts';

type ServicePort = NonNullable<ServiceObject['spec']['ports']>[number];

/** An address and port at which a Service port is reached on this node. */
export interface FrontendAddress {
  readonly frontend: Frontend;
  readonly ip: string;
  readonly port: number;
}

/** Canonical texts of the addresses of one family; hostnames and the other family fall out. */
function ofFamily(addresses: readonly (string | undefined)[], family: Family): string[] {
  return addresses.flatMap((text) => {
    const address = parseAddress(text ?? '');
    return address?.family === family ? [formatAddress(address)] : [];
  });
}

/** The families of a Service: each is proxied as if the other were not there (KEP-563; row 33). */
export function proxiedFamilies({ spec }: ServiceObject): Family[] {
  const addresses = clusterIPs(spec).map((text) => parseAddress(text)?.family);
  const named = spec.ipFamilies?.map((name): Family => (name === 'IPv4' ? 4 : 6));
  return [...new Set(named ?? addresses)].filter((family) => family !== undefined);
}

function clusterIPs({ clusterIPs, clusterIP }: ServiceObject['spec']): string[] {
  return clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP]);
}

/** Every address at which the port is captured in a family (rows 1, 5, 8, 9 and 15). */
export function frontendsOf(
  service: ServiceObject,
  { port, nodePort }: ServicePort,
  { vantage, family }: { readonly vantage: Vantage; readonly family: Family },
): FrontendAddress[] {
  const { spec } = service;
  const at = (frontend: Frontend, ips: readonly string[], number = port): FrontendAddress[] =>
    ips.map((ip) => ({ frontend, ip, port: number }));
  const hasNodePort =
    (nodePort ?? 0) > 0 && (spec.type === 'NodePort' || spec.type === 'LoadBalancer');
  return [
    ...at('ClusterIP', ofFamily(clusterIPs(spec), family)),
    ...at('ExternalIP', ofFamily(spec.externalIPs ?? [], family)),
    ...at('LoadBalancerIP', ofFamily(loadBalancerIPs(service), family)),
    ...(hasNodePort ? at('NodePort', ofFamily(vantage.nodeIPs, family).slice(0, 1), nodePort) : []),
  ];
}

/** ipMode Proxy means that the load balancer wants to see the traffic itself (KEP-1860; row 9). */
function loadBalancerIPs({ spec, status }: ServiceObject): string[] {
  if (spec.type !== 'LoadBalancer') return [];
  const ingress = status?.loadBalancer?.ingress ?? [];
  return ingress.flatMap(({ ip, ipMode }) => (ip === undefined || ipMode === 'Proxy' ? [] : [ip]));
}
