import { formatAddress, parseAddress } from '../ip/index.ts';
import {
  ipAddressKind,
  isHeadless,
  serviceKind,
  type IPAddress,
  type Service,
} from '../kube/index.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { createIfMissing, deleteIfThere } from './ensure.ts';
import { startLoop } from './run.ts';

const BY_ADDRESS = 'clusterIP';

/** Who keeps an IPAddress: those of others are left alone. */
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const MANAGER = 'ipallocator.k8s.io';
const FAMILY = 'ipaddress.kubernetes.io/ip-family';

/** Canonical texts, which are the names of the objects. */
function addressesOf(service: Service): string[] {
  if (isHeadless(service)) return [];
  return (service.spec.clusterIPs ?? []).flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [formatAddress(address)];
  });
}

function ipAddress(name: string, { metadata }: Service): IPAddress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name,
      labels: { [FAMILY]: name.includes(':') ? 'IPv6' : 'IPv4', [MANAGED_BY]: MANAGER },
    },
    spec: {
      parentRef: {
        group: '',
        resource: 'services',
        namespace: metadata.namespace ?? '',
        name: metadata.name,
      },
    },
  };
}

function isParent({ spec: { parentRef } }: IPAddress, { metadata }: Service): boolean {
  return (
    parentRef?.resource === 'services' &&
    parentRef.namespace === metadata.namespace &&
    parentRef.name === metadata.name
  );
}

/**
 * Keeps one IPAddress for each ClusterIP (KEP-1880). The API server allocates from the Services themselves; these
 * objects only show who has what.
 */
export function startIpAddressController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const services = informers.of(serviceKind);
  const addresses = informers.of(ipAddressKind);
  services.indexBy(BY_ADDRESS, addressesOf);

  const { queue, controller } = startLoop({
    name: 'ip-address-controller',
    context,
    caches: [services, addresses],
    async reconcile(name) {
      const [owner] = services.byIndex(BY_ADDRESS, name);
      const existing = addresses.get(name);
      if (existing !== undefined) {
        const isManaged = existing.metadata.labels?.[MANAGED_BY] === MANAGER;
        if (!isManaged || (owner !== undefined && isParent(existing, owner))) return;
        // A parent cannot change: the cache's word of the removal brings the loop back.
        await deleteIfThere(client, ipAddressKind, existing);
      } else if (owner !== undefined) {
        await createIfMissing(client, ipAddressKind, ipAddress(name, owner));
      }
    },
  });
  services.onChange(({ previous, next }) => {
    for (const service of [previous, next]) {
      if (service !== undefined) for (const name of addressesOf(service)) queue.add(name);
    }
  });
  addresses.onChange(({ previous, next }) => {
    const object = next ?? previous;
    if (object !== undefined) queue.add(object.metadata.name);
  });
  return controller;
}
