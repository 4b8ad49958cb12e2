import { keyOf, type Service } from '../../kube/index.ts';
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

/** Policy Local, and no endpoint on the node. */
export function noLocal(teller: Teller, service: Service, node: string | undefined): Told {
  const field =
    service.spec.internalTrafficPolicy === 'Local'
      ? 'internalTrafficPolicy'
      : 'externalTrafficPolicy';
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
