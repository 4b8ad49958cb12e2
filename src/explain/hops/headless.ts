import { parseAddress } from '../../ip/index.ts';
import { isHeadless, keyOf, type ServicePort } from '../../kube/index.ts';
import { stationAt } from '../places/station.ts';
import { idOf } from '../scene.ts';
import { nowhere, type Reach } from './arrival.ts';
import { tellNoEndpoints } from './no-endpoints.ts';
import type { ServiceCall } from './service-call.ts';
import { counted } from './service-port.ts';
import type { Teller } from './telling.ts';

/** Headless Services have any port a pod has; the question's own stands for a port that the Service does not have. */
export function headlessPort({ service, question }: ServiceCall): ServicePort | undefined {
  if (typeof question.port !== 'number' || !isHeadless(service)) return undefined;
  const known = service.spec.ports?.find(({ port }) => port === question.port);
  return known ?? { port: question.port };
}

/** Names lead to the pods of a headless Service directly: no rule translates its ports. */
export function reachHeadless(
  teller: Teller,
  { service, question }: ServiceCall,
  port: ServicePort,
): Reach {
  const { scene } = teller;
  const slices = scene.snapshot.slices.get(keyOf(service)) ?? [];
  const ready = slices
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false);
  const addresses = ready.flatMap(({ addresses }) => parseAddress(addresses[0] ?? '') ?? []);
  if (addresses.length === 0) return nowhere(tellNoEndpoints(teller, service, port));
  const number = typeof question.port === 'number' ? question.port : port.port;
  const sentence =
    `Service ${keyOf(service)} is headless: connections go to ${counted(addresses.length, 'pod')} ` +
    `directly, on port ${number} itself`;
  const told = teller.tell(['service', 'passes', 'HEADLESS'], sentence, { object: idOf(service) });
  const arrivals = addresses.map((address) => ({
    station: stationAt(scene, address),
    address,
    port: number,
  }));
  return { told: [told], arrivals };
}
