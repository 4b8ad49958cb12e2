import { formatAddress, parseAddress } from '../../ip/index.ts';
import { isHeadless, type IPAddress, type Service } from '../../kube/index.ts';
import { familyOf } from './ip-families.ts';

/** Who keeps the object, so that nobody else's are touched. */
export const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
export const managedByAllocator = 'ipallocator.k8s.io';

/**
 * The IPAddress objects that a Service's addresses are seen as (KEP-1880), one each, named by the canonical
 * address. They mirror what the Service holds; the allocator never reads them.
 */
export function ipAddressesOf(service: Service): IPAddress[] {
  if (isHeadless(service)) return [];
  const { namespace, name } = service.metadata;
  return (service.spec.clusterIPs ?? []).map((ip) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: canonical(ip),
      labels: {
        'ipaddress.kubernetes.io/ip-family': familyOf(ip),
        [managedByLabel]: managedByAllocator,
      },
    },
    spec: {
      parentRef: {
        group: '',
        resource: 'services',
        name,
        ...(namespace === undefined ? {} : { namespace }),
      },
    },
  }));
}

function canonical(ip: string): string {
  const address = parseAddress(ip);
  return address === undefined ? ip : formatAddress(address);
}
