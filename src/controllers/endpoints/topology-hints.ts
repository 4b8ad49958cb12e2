import type { Endpoint, Service } from '../../kube/index.ts';

const zonal: readonly (string | undefined)[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

/**
 * The endpoint with the hints that the Service's trafficDistribution asks for (row 27). PreferSameNode has zone hints
 * too, for clients on nodes without an endpoint (KEP-3015). Endpoints that are not ready have none: nobody prefers them.
 */
export function withHints(
  endpoint: Endpoint,
  { spec: { trafficDistribution } }: Service,
): Endpoint {
  if (!zonal.includes(trafficDistribution) || endpoint.conditions?.ready !== true) return endpoint;
  const { zone, nodeName } = endpoint;
  const hints: Endpoint['hints'] = {
    ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
    ...(nodeName === undefined || trafficDistribution !== 'PreferSameNode'
      ? {}
      : { forNodes: [{ name: nodeName }] }),
  };
  return Object.keys(hints).length === 0 ? endpoint : { ...endpoint, hints };
}
