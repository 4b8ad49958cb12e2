import { formatAddress, parseAddress } from '../../ip/index.ts';
import { isHeadless, type Service } from '../../kube/index.ts';
import type { Snapshot } from '../../snapshot/index.ts';
import { readyEndpoints } from './endpoints.ts';

/** An endpoint of a headless Service, as pointers name it. */
interface EndpointName {
  readonly service: Service;
  readonly hostname: string;
}

/** Who has an address. */
export interface ReverseIndex {
  readonly services: ReadonlyMap<string, Service>;
  readonly endpoints: ReadonlyMap<string, readonly EndpointName[]>;
}

/**
 * Made at the first question for a pointer after a change and kept with its snapshot: pointers are rare, and so nobody
 * pays for the index when a Service changes.
 */
const indexes = new WeakMap<Snapshot, Map<boolean, ReverseIndex>>();

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

function build(snapshot: Snapshot, usesPodNames: boolean): ReverseIndex {
  const services = new Map<string, Service>();
  const endpoints = new Map<string, EndpointName[]>();
  for (const [key, service] of snapshot.services) {
    if (service.spec.type === 'ExternalName') continue;
    if (!isHeadless(service)) {
      for (const ip of service.spec.clusterIPs ?? []) services.set(canonical(ip), service);
      continue;
    }
    for (const { address, hostname } of readyEndpoints(
      service,
      snapshot.slices.get(key) ?? [],
      usesPodNames,
    )) {
      const ip = canonical(address);
      endpoints.set(ip, [...(endpoints.get(ip) ?? []), { service, hostname }]);
    }
  }
  return { services, endpoints };
}

/** The index of a snapshot. */
export function reverseIndexOf(snapshot: Snapshot, usesPodNames: boolean): ReverseIndex {
  const known = indexes.get(snapshot) ?? new Map<boolean, ReverseIndex>();
  indexes.set(snapshot, known);
  const index = known.get(usesPodNames) ?? build(snapshot, usesPodNames);
  known.set(usesPodNames, index);
  return index;
}
