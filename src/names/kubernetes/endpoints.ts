import type { EndpointPort, EndpointSlice, Service } from '../../kube/index.ts';

/** One ready address behind a Service, under the name it has there. */
export interface NamedEndpoint {
  readonly address: string;
  /** The first label of its name, in lower case. */
  readonly hostname: string;
  readonly ports: readonly EndpointPort[];
  /** The topology zone that it is in, in lower case. */
  readonly zone?: string | undefined;
}

type SliceEndpoint = EndpointSlice['endpoints'][number];

/**
 * The label of an endpoint without a host name: its address with dashes (a system-assigned identifier, schema 1.1.0
 * section 2.4). A label does not end in a dash.
 */
export function dashedAddress(address: string): string {
  const dashed = address.replaceAll(/[.:]/g, '-');
  return dashed.endsWith('-') ? `${dashed}0` : dashed;
}

/** The label of an endpoint below its Service's name. */
export function endpointLabel(
  { hostname, targetRef }: SliceEndpoint,
  address: string,
  usesPodNames: boolean,
): string {
  if (hostname !== undefined && hostname !== '') return hostname.toLowerCase();
  const pod = targetRef?.name;
  return usesPodNames && pod !== undefined ? pod : dashedAddress(address);
}

/** Absent means ready; an endpoint that terminates is not, whatever it serves still. */
function isReady({ conditions }: SliceEndpoint, publishesNotReady: boolean): boolean {
  return publishesNotReady || conditions?.ready !== false;
}

/**
 * The endpoints that have names: the ready ones, all with `publishNotReadyAddresses`. While slices are rewritten two of
 * them may hold the same endpoint; it counts once, with the ports of both.
 */
export function readyEndpoints(
  service: Service,
  slices: readonly EndpointSlice[],
  usesPodNames: boolean,
): NamedEndpoint[] {
  const found = new Map<string, NamedEndpoint>();
  const publishesNotReady = service.spec.publishNotReadyAddresses === true;
  for (const { addressType, endpoints, ports = [] } of slices) {
    if (addressType === 'FQDN') continue;
    for (const endpoint of endpoints) {
      if (!isReady(endpoint, publishesNotReady)) continue;
      for (const address of endpoint.addresses) {
        const hostname = endpointLabel(endpoint, address, usesPodNames);
        const key = `${hostname}/${address}`;
        const known = found.get(key)?.ports ?? [];
        found.set(key, {
          address,
          hostname,
          zone: endpoint.zone?.toLowerCase(),
          ports: known.length === 0 ? ports : [...known, ...ports],
        });
      }
    }
  }
  return [...found.values()];
}
