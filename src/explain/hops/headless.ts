import { parseAddress } from '../../ip/index.ts';
import { isHeadless, keyOf, type ServicePort } from '../../kube/index.ts';
import { stationAt } from '../places/station.ts';
import { idOf } from '../scene.ts';
import { nowhere, type Reach } from './arrival.ts';
import { tellNoEndpoints } from './no-endpoints.ts';
import type { ServiceCall } from './service-call.ts';
import { counted, ofProtocol, protocolOf } from './service-port.ts';
import type { Teller } from './telling.ts';

/** Headless Services have any port a pod has; the question's own stands for a port that the Service does not have. */
export function headlessPort({ service, question }: ServiceCall): ServicePort | undefined {
  if (!isHeadless(service)) return undefined;
  const { port: asked, protocol } = question;
  if (protocol === 'ICMP') return { port: 0 };
  if (typeof asked !== 'number') return undefined;
  const numbered = (service.spec.ports ?? []).filter(({ port }) => port === asked);
  return ofProtocol(numbered, question)[0] ?? { port: asked, protocol };
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
    `directly${question.protocol === 'ICMP' ? '' : `, on port ${number} itself`}`;
  const told = teller.tell(['service', 'passes', 'HEADLESS'], sentence, { object: idOf(service) });
  const arrivals = addresses.map((address) => ({
    station: stationAt(scene, address),
    address,
    port: number,
  }));
  const { protocol } = question;
  return { told: [told], arrivals, protocol: protocol === 'ICMP' ? protocol : protocolOf(port) };
}
