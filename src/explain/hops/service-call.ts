import { keyOf, type Service, type ServicePort } from '../../kube/index.ts';
import {
  judgeService,
  zoneLabel,
  type Capture,
  type Judgement,
  type Vantage,
} from '../../services/index.ts';
import type { Station } from '../places/station.ts';
import { nodeAddresses, type Scene } from '../scene.ts';
import type { PortQuestion } from './service-port.ts';

/** Who connects to a Service. */
interface Caller {
  readonly origin: Station;
  readonly service: Service;
}

/** The connection as a Service sees it. */
export interface ServiceCall extends Caller {
  readonly question: PortQuestion;
}

/** The node from which a Service is judged; `undefined` stands for none that has endpoints. */
function vantageOf({ snapshot }: Scene, nodeName: string | undefined): Vantage {
  const node = snapshot.nodes.get(nodeName ?? '');
  return {
    nodeName: nodeName ?? '',
    nodeIPs: node === undefined ? [] : nodeAddresses(node),
    zone: node?.metadata.labels?.[zoneLabel] ?? '',
  };
}

/** The node whose rules translate; from outside the one that is asked: with external policy Local one that has an endpoint. */
export function entryNode({ snapshot }: Scene, { origin, service }: Caller): string | undefined {
  if (origin.node !== undefined) return origin.node;
  const slices = snapshot.slices.get(keyOf(service)) ?? [];
  const serving = slices
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ nodeName }) => nodeName ?? []);
  return serving[0] ?? [...snapshot.nodes.keys()][0];
}

/**
 * Outside the nodes a load balancer has its address in every ipMode: Proxy keeps only the nodes from capturing it (KEP-1860;
 * row 9 of docs/services.md).
 */
function withBalancer({ origin, service }: Caller): Service {
  const { status } = service;
  const ingress = status?.loadBalancer?.ingress;
  if (origin.node !== undefined || ingress === undefined) return service;
  const all = ingress.map(({ ipMode: _mode, ...one }) => one);
  return { ...service, status: { ...status, loadBalancer: { ingress: all } } };
}

/** What becomes of the caller's connections to the Service on a node. */
export function judgementOf(scene: Scene, caller: Caller, node: string | undefined): Judgement {
  const slices = scene.snapshot.slices.get(keyOf(caller.service)) ?? [];
  return judgeService(withBalancer(caller), slices, vantageOf(scene, node));
}

/** Whether a capture is one of this port of the Service. */
export function isCaptureOf(
  { servicePort, protocol }: Capture,
  service: Service,
  port: ServicePort,
): boolean {
  const isSame = servicePort === `${keyOf(service)}:${port.name ?? ''}`;
  return isSame && protocol === (port.protocol ?? 'TCP');
}
