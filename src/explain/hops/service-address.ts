import { requireAddress, type Address } from '../../ip/index.ts';
import { stationAt, type Station } from '../places/station.ts';
import type { Scene } from '../scene.ts';
import { nowhere, type Reach } from './arrival.ts';
import { entryNode, isCaptureOf, judgementOf } from './service-call.ts';
import { reachCapture, reachService } from './service.ts';
import { findServicePort, isTold, ofProtocol, type PortQuestion } from './service-port.ts';
import type { Teller } from './telling.ts';

/** The Service whose address it is, and how it is reached there: a cluster IP, a load balancer's, or a node's port. */
export function reachServiceAt(
  teller: Teller,
  origin: Station,
  { address, question }: { readonly address: Address; readonly question: PortQuestion },
): Reach | undefined {
  const { scene } = teller;
  const owner = scene.nodeAt(address)?.metadata.name;
  for (const service of scene.snapshot.services.values()) {
    const node = owner ?? entryNode(scene, { origin, service });
    const { captures } = judgementOf(scene, { origin, service }, node);
    const here = captures.filter(({ ip, family }) => {
      return family === address.family && requireAddress(ip).value === address.value;
    });
    if (here.length === 0) continue;
    const [capture] = ofProtocol(
      here.filter(({ port }) => port === question.port),
      question,
    );
    if (capture === undefined) {
      if (owner !== undefined) continue;
      const port = findServicePort(teller, service, question);
      if (isTold(port)) return nowhere(port);
      return reachService(teller, { origin, service, question });
    }
    const port = service.spec.ports?.find((one) => isCaptureOf(capture, service, one));
    if (port === undefined) continue;
    const call = { origin, service, question };
    const reach = reachCapture(teller, call, { port, capture, node });
    return owner === undefined || owner === origin.node
      ? reach
      : throughNode(scene, reach, { address, port: capture.port });
  }
  return undefined;
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
