import { formatAddress, type Address } from '../../ip/index.ts';
import { keyOf, type Service } from '../../kube/index.ts';
import type { Capture } from '../../services/index.ts';
import { blockFor } from '../change/peers.ts';
import type { Station } from '../places/station.ts';
import { idOf } from '../scene.ts';
import type { Teller, Told } from './telling.ts';

/** A cluster IP means nothing outside, where load balancers and node ports are for. */
export function notExposed(teller: Teller, service: Service): Told {
  const object = idOf(service);
  const type = service.spec.type ?? 'ClusterIP';
  return teller.tell(
    ['service', 'stops', 'NOT_EXPOSED'],
    `Service ${keyOf(service)} has type ${type}: outside the cluster nobody knows its address`,
    {
      object,
      path: ['spec', 'type'],
      remedy: {
        object,
        sentence: `give Service ${keyOf(service)} a port on every node`,
        edit: (service) => {
          (service as unknown as Service).spec.type = 'NodePort';
        },
      },
    },
  );
}

/** Policy Local, and no endpoint on the node: the internal policy is of the cluster IP, the external one of all others. */
export function noLocal(
  teller: Teller,
  service: Service,
  { capture, node }: { readonly capture: Capture; readonly node: string | undefined },
): Told {
  const isInternal = capture.frontend === 'ClusterIP';
  const field = isInternal ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  const object = idOf(service);
  return teller.tell(
    ['service', 'stops', 'NO_LOCAL_ENDPOINTS'],
    `Service ${keyOf(service)} has ${field} Local, and node ${node ?? 'of nobody'} has no ready endpoint`,
    {
      object,
      path: ['spec', field],
      remedy: {
        object,
        sentence: `let Service ${keyOf(service)} use the endpoints of all nodes`,
        edit: (service) => {
          (service as unknown as Service).spec[field] = 'Cluster';
        },
      },
    },
  );
}

/** The load balancer's address is for some sources only (row 11 of docs/services.md), whatever its endpoints. */
export function notInRanges(
  teller: Teller,
  service: Service,
  { origin, address }: { readonly origin: Station; readonly address: Address },
): Told {
  const object = idOf(service);
  const ranges = service.spec.loadBalancerSourceRanges ?? [];
  const block = blockFor(origin, address);
  return teller.tell(
    ['service', 'stops', 'SOURCE_NOT_IN_RANGES'],
    `Service ${keyOf(service)} has loadBalancerSourceRanges ${ranges.join(', ')}: its load balancer keeps ${sourceText(teller, origin, address)} out`,
    {
      object,
      path: ['spec', 'loadBalancerSourceRanges'],
      remedy: {
        object,
        sentence: `let ${block} use the load balancer of Service ${keyOf(service)}`,
        edit: (service) => {
          (service as unknown as Service).spec.loadBalancerSourceRanges = [...ranges, block];
        },
      },
    },
  );
}

/** `pod default/client (10.244.0.3)`; an address alone where that is the name. */
export function sourceText({ scene }: Teller, { name }: Station, address: Address): string {
  const text = formatAddress(address);
  return name === text || scene.knownAddress(address) === undefined ? name : `${name} (${text})`;
}
