import { formatAddress, parseAddress, type Address } from '../ip/index.ts';
import type { LoadBalancerIngress, Service } from '../kube/index.ts';
import type { DesiredBalancer } from './desired-balancer.ts';

/**
 * What `status.loadBalancer.ingress` says of a load balancer.
 *
 * ipMode is VIP: nodes take connections of pods and of their own to the external address for the Service's, as they do
 * for any address of it. So policy Local does not keep them from the other nodes' endpoints (row 21), source ranges meet
 * the true source (row 11), and endpoints see the pod. Only the PROXY protocol asks for Proxy: endpoints that wait for
 * its header must get every connection from the balancer (KEP-1860; row 9).
 */
export function ingressStatus(
  { ports, unserved, settings }: DesiredBalancer,
  addresses: readonly Address[],
): LoadBalancerIngress[] {
  return addresses.map((address) => ({
    ip: formatAddress(address),
    ipMode: settings.proxyProtocol ? 'Proxy' : 'VIP',
    ports: [
      ...ports.map(({ port, protocol }) => ({ port, protocol })),
      ...unserved.map(({ port, protocol, error }) => ({ port, protocol, error })),
    ],
  }));
}

/** The addresses that a Service's status names. */
export function statusAddresses({ status }: Service): Address[] {
  return (status?.loadBalancer?.ingress ?? [])
    .map(({ ip = '' }) => parseAddress(ip))
    .filter((address) => address !== undefined);
}
