import { requireAddress, type Address } from '../../ip/index.ts';
import { keyOf, type Service } from '../../kube/index.ts';
import { judgeService, type Capture } from '../../services/index.ts';
import { isOwnPod, stationAt, type Station } from '../places/station.ts';
import type { Scene } from '../scene.ts';
import { nowhere, type Reach } from './arrival.ts';
import { reachCapture, reachService, vantageOf } from './service.ts';
import { findServicePort, isTold, type PortQuestion } from './service-port.ts';
import type { Teller } from './telling.ts';

/** The Service whose address it is, and how it is reached there: a cluster IP, a load balancer's, or a node's port. */
export function reachServiceAt(
  teller: Teller,
  origin: Station,
  { address, question }: { readonly address: Address; readonly question: PortQuestion },
): Reach | undefined {
  const { scene } = teller;
  const owner = scene.nodeAt(address)?.metadata.name;
  const isInside = isOwnPod(origin) || origin.node !== undefined;
  const node = owner ?? (isInside ? origin.node : [...scene.snapshot.nodes.keys()][0]);
  for (const service of scene.snapshot.services.values()) {
    const slices = scene.snapshot.slices.get(keyOf(service)) ?? [];
    const { captures } = judgeService(service, slices, vantageOf(scene, node));
    const here = captures.filter(({ ip, family }) => {
      return family === address.family && requireAddress(ip).value === address.value;
    });
    if (here.length === 0) continue;
    const capture = here.find(
      ({ port, protocol }) => port === question.port && protocol === question.protocol,
    );
    if (capture === undefined) {
      if (owner !== undefined) continue;
      const port = findServicePort(teller, service, question);
      if (isTold(port)) return nowhere(port);
      return reachService(teller, { origin, service, question });
    }
    const port = portOfCapture(service, capture);
    if (port === undefined) continue;
    const call = { origin, service, question };
    const reach = reachCapture(teller, call, { port, capture, node });
    return owner === undefined || owner === origin.node
      ? reach
      : throughNode(scene, reach, { address, port: capture.port });
  }
  return undefined;
}

function portOfCapture({ metadata, spec }: Service, { servicePort, protocol }: Capture) {
  return spec.ports?.find(
    (port) =>
      servicePort === `${metadata.namespace ?? ''}/${metadata.name}:${port.name ?? ''}` &&
      (port.protocol ?? 'TCP') === protocol,
  );
}

/** Another node translates: until there, the packet has that node's address. */
function throughNode(
  scene: Scene,
  reach: Reach,
  { address, port }: { readonly address: Address; readonly port: number },
): Reach {
  const frontend = { station: stationAt(scene, address), address, port };
  return {
    ...reach,
    arrivals: reach.arrivals.map((arrival) =>
      arrival.via === undefined ? arrival : { ...arrival, via: { ...arrival.via, frontend } },
    ),
  };
}
