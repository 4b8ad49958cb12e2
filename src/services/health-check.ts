import type { HealthCheck, ServiceObject, SliceObject, Vantage } from './contract.ts';
import { endpointsOf } from './endpoints.ts';
import { proxiedFamilies } from './frontends.ts';

/**
 * What a balancer that asks this node is told (row 13): only Services of type LoadBalancer with external policy Local
 * have a port for it. An endpoint counts once, however many ports and addresses it has.
 */
export function healthCheckOf(
  service: ServiceObject,
  slices: readonly SliceObject[],
  vantage: Vantage,
): HealthCheck | undefined {
  const { type, externalTrafficPolicy, healthCheckNodePort: port = 0 } = service.spec;
  if (type !== 'LoadBalancer' || externalTrafficPolicy !== 'Local' || port === 0) return undefined;
  const counts = proxiedFamilies(service).map((family) => {
    const endpoints = (service.spec.ports ?? []).flatMap(({ name = '', protocol = 'TCP' }) =>
      endpointsOf(slices, { name, protocol }, family),
    );
    const local = endpoints.filter(
      ({ nodeName, ready }) => ready && nodeName !== '' && nodeName === vantage.nodeName,
    );
    return new Set(local.map(({ ip }) => ip)).size;
  });
  return { port, localEndpoints: Math.max(0, ...counts) };
}
