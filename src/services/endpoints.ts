import { formatAddress, parseAddress, type Family } from '../ip/index.ts';
import type { Endpoint, Protocol, SliceObject } from './contract.ts';

type SliceEndpoint = SliceObject['endpoints'][number];

/** The port of a Service, as slices name it. */
export interface PortRef {
  /** Empty for the only port of a Service. */
  readonly name: string;
  readonly protocol: Protocol;
}

/**
 * The endpoints of one Service port in one family, over all its slices. Each slice resolves a named target port to
 * its own number (row 28); an endpoint that stands in several slices counts once (row 34). Sorted by address, so
 * that equal state gives equal plans.
 */
export function endpointsOf(
  slices: readonly SliceObject[],
  port: PortRef,
  family: Family,
): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (slice.addressType !== `IPv${family}`) continue;
    const number = portNumber(slice, port);
    if (number === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const seen = project(endpoint, number);
      if (seen !== undefined) merge(found, seen);
    }
  }
  return [...found.entries()].sort(byKey).map(([, endpoint]) => endpoint);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}

function portNumber({ ports }: SliceObject, { name, protocol }: PortRef): number | undefined {
  const found = ports?.find(
    (candidate) => (candidate.name ?? '') === name && (candidate.protocol ?? 'TCP') === protocol,
  );
  return found?.port;
}

/** The first address alone counts: the API's others are for other consumers (KEP-752). */
function project(endpoint: SliceEndpoint, port: number): Endpoint | undefined {
  const address = parseAddress(endpoint.addresses[0] ?? '');
  if (address === undefined) return undefined;
  const { conditions = {}, hints } = endpoint;
  // Absent means ready, and as serving as ready (discovery/v1 EndpointConditions).
  const ready = conditions.ready ?? true;
  return {
    ip: formatAddress(address),
    port,
    nodeName: endpoint.nodeName ?? '',
    zone: endpoint.zone ?? '',
    ready,
    serving: conditions.serving ?? ready,
    terminating: conditions.terminating ?? false,
    forNodes: hints?.forNodes?.map(({ name }) => name) ?? [],
    forZones: hints?.forZones?.map(({ name }) => name) ?? [],
  };
}

/** While an endpoint moves between slices they may disagree: the more usable view wins, whatever their order. */
function merge(found: Map<string, Endpoint>, seen: Endpoint): void {
  const key = `${seen.ip} ${seen.port}`;
  const other = found.get(key);
  if (other === undefined || usability(seen) > usability(other)) found.set(key, seen);
}

function usability({ ready, serving, terminating }: Endpoint): number {
  return (ready ? 4 : 0) + (serving ? 2 : 0) + (terminating ? 0 : 1);
}
