import { parseAddress, requireAddress } from '../../ip/index.ts';
import { isHeadless, keyOf, type Service, type ServicePort } from '../../kube/index.ts';
import { judgeService, type Capture, type Vantage, type Verdict } from '../../services/index.ts';
import { selectedPods } from '../places/find.ts';
import { stationAt, type Station } from '../places/station.ts';
import { idOf, nodeAddresses, type Scene } from '../scene.ts';
import { nowhere, type Arrival, type Reach } from './arrival.ts';
import { tellNoEndpoints, unreadyDetails } from './no-endpoints.ts';
import { findServicePort, isTold, portText, type PortQuestion } from './service-port.ts';
import { noLocal, notExposed } from './service-stops.ts';
import type { Teller, Told } from './telling.ts';

const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** The connection as a Service sees it. */
export interface ServiceCall {
  readonly origin: Station;
  readonly service: Service;
  readonly question: PortQuestion;
}

/** The node from which a Service is judged; `undefined` stands for none that has endpoints. */
export function vantageOf({ snapshot }: Scene, nodeName: string | undefined): Vantage {
  const node = snapshot.nodes.get(nodeName ?? '');
  return {
    nodeName: nodeName ?? '',
    nodeIPs: node === undefined ? [] : nodeAddresses(node),
    zone: node?.metadata.labels?.[ZONE_LABEL] ?? '',
  };
}

/** From outside, the node that is asked: with external policy Local one that has an endpoint. */
function entryNode({ snapshot }: Scene, { origin, service }: ServiceCall): string | undefined {
  if (origin.node !== undefined) return origin.node;
  const slices = snapshot.slices.get(keyOf(service)) ?? [];
  const serving = slices
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ nodeName }) => nodeName ?? []);
  return serving[0] ?? [...snapshot.nodes.keys()][0];
}

/** Which of a Service's addresses somebody uses: inside the cluster IP; outside what is made for it. */
function frontendFor(captures: readonly Capture[], origin: Station): Capture | undefined {
  const usable = captures.filter(({ family }) =>
    origin.addresses.some((one) => one.family === family),
  );
  const order =
    origin.node === undefined
      ? (['LoadBalancerIP', 'ExternalIP', 'NodePort'] as const)
      : (['ClusterIP'] as const);
  return order
    .map((wanted) => usable.find(({ frontend }) => frontend === wanted))
    .find((capture) => capture !== undefined);
}

function verdictFor({ internal, verdict }: Capture, origin: Station): Verdict {
  return origin.node === undefined ? verdict : (internal ?? verdict);
}

const frontendText: Readonly<Record<Capture['frontend'], string>> = {
  ClusterIP: 'cluster IP',
  NodePort: 'node port',
  ExternalIP: 'external IP',
  LoadBalancerIP: 'load balancer',
};

const choiceText: Readonly<Record<string, string>> = {
  READY_LOCAL_ENDPOINTS: ' of its own node',
  HINTED_NODE_ENDPOINTS: ' meant for its own node',
  HINTED_ZONE_ENDPOINTS: ' meant for its own zone',
  TERMINATING_ENDPOINTS: ' that ends but still answers',
  TERMINATING_LOCAL_ENDPOINTS: ' of its own node that ends but still answers',
};

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function arrivalsOf(
  { scene }: Teller,
  { origin, service }: ServiceCall,
  { port, verdict, node }: { port: ServicePort; verdict: Verdict; node: string | undefined },
): Arrival[] {
  if (verdict.action !== 'forward') return [];
  const { masquerade } = verdict;
  const ofNode = node === undefined ? {} : { node };
  return verdict.endpoints.map((endpoint) => {
    const address = requireAddress(endpoint.ip);
    // A pod's own address need not be its first: it is the same pod.
    const own = origin.pod !== undefined && scene.podAt(address) === origin.pod;
    return {
      station: own ? { ...origin, addresses: [address] } : stationAt(scene, address),
      address,
      port: endpoint.port,
      via: { service, servicePort: port, masquerade, ...ofNode },
    };
  });
}

function tellForward(
  teller: Teller,
  call: ServiceCall,
  { port, capture, verdict }: { port: ServicePort; capture: Capture; verdict: Verdict },
): Told {
  if (verdict.action !== 'forward') throw new Error('there is nothing to forward to');
  const { service } = call;
  const { endpoints, reason } = verdict;
  const targets = [...new Set(endpoints.map((endpoint) => endpoint.port))];
  const address = teller.scene.knownAddress(capture.ip);
  const at = `${frontendText[capture.frontend]}${address === undefined ? '' : ` ${address}`}`;
  const sentence =
    `Service ${keyOf(service)} port ${portText(port)}, at its ${at}, leads to ` +
    `${plural(endpoints.length, 'endpoint')}${choiceText[reason] ?? ''} on port ${targets.join(', ')}`;
  return teller.tell(['service', 'passes', reason], sentence, {
    object: idOf(service),
    path: ['spec', 'ports', (service.spec.ports ?? []).indexOf(port)],
    details: unreadyDetails(teller, selectedPods(teller.scene, service)),
  });
}

/** Names lead to the pods of a headless Service directly: no rule translates its ports. */
function reachHeadless(
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
    `Service ${keyOf(service)} is headless: connections go to ${plural(addresses.length, 'pod')} ` +
    `directly, on port ${number} itself`;
  const told = teller.tell(['service', 'passes', 'HEADLESS'], sentence, { object: idOf(service) });
  const arrivals = addresses.map((address) => ({
    station: stationAt(scene, address),
    address,
    port: number,
  }));
  return { told: [told], arrivals };
}

const skipTexts: Readonly<Record<string, string>> = {
  OTHER_PROXY: 'is left to another proxy by its label service.kubernetes.io/service-proxy-name',
  HEADLESS_LABEL: 'is kept from proxies by its label service.kubernetes.io/headless',
  NO_CLUSTER_IP: 'has no address yet',
  EXTERNAL_NAME: 'is a name for somebody outside the cluster',
};

/** Headless Services have any port a pod has; the question's own stands for a port that the Service does not have. */
function headlessPort({ service, question }: ServiceCall): ServicePort | undefined {
  if (typeof question.port !== 'number' || !isHeadless(service)) return undefined;
  const known = service.spec.ports?.find(({ port }) => port === question.port);
  return known ?? { port: question.port };
}

/** From a connection to a Service to the endpoints that it may get. */
export function reachService(teller: Teller, call: ServiceCall): Reach {
  const { service, origin } = call;
  const { scene } = teller;
  const port = headlessPort(call) ?? findServicePort(teller, service, call.question);
  if (isTold(port)) return nowhere(port);
  if (isHeadless(service)) return reachHeadless(teller, call, port);
  const node = entryNode(scene, call);
  const slices = scene.snapshot.slices.get(keyOf(service)) ?? [];
  const { captures, skipped } = judgeService(service, slices, vantageOf(scene, node));
  if (skipped !== undefined) {
    const sentence = `Service ${keyOf(service)} ${skipTexts[skipped] ?? 'is not served'}`;
    return nowhere(teller.tell(['service', 'stops', skipped], sentence, { object: idOf(service) }));
  }
  const ofPort = captures.filter(
    ({ servicePort, protocol }) =>
      servicePort === `${keyOf(service)}:${port.name ?? ''}` &&
      protocol === (port.protocol ?? 'TCP'),
  );
  const capture = frontendFor(ofPort, origin);
  if (capture === undefined) return nowhere(notExposed(teller, service));
  return reachCapture(teller, call, { port, capture, node });
}

/** From one address of a Service to its endpoints. */
export function reachCapture(
  teller: Teller,
  call: ServiceCall,
  { port, capture, node }: { port: ServicePort; capture: Capture; node: string | undefined },
): Reach {
  const verdict = verdictFor(capture, call.origin);
  const dial = { address: requireAddress(capture.ip), port: capture.port };
  if (verdict.reason === 'NO_LOCAL_ENDPOINTS') {
    return { ...nowhere(noLocal(teller, call.service, node)), dial };
  }
  if (verdict.action !== 'forward') {
    return { ...nowhere(tellNoEndpoints(teller, call.service, port)), dial };
  }
  return {
    told: [tellForward(teller, call, { port, capture, verdict })],
    arrivals: arrivalsOf(teller, call, { port, verdict, node }),
    dial,
  };
}
