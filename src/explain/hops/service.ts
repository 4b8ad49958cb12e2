import { requireAddress } from '../../ip/index.ts';
import { isHeadless, keyOf, type ServicePort } from '../../kube/index.ts';
import { admitsSource, type Capture, type Verdict } from '../../services/index.ts';
import type { Detail } from '../contract.ts';
import { selectedPods } from '../places/find.ts';
import { addressIn, stationAt, type Station } from '../places/station.ts';
import { idOf } from '../scene.ts';
import { nowhere, type Arrival, type Reach } from './arrival.ts';
import { headlessPort, reachHeadless } from './headless.ts';
import { tellNoEndpoints } from './no-endpoints.ts';
import { entryNode, isCaptureOf, judgementOf, type ServiceCall } from './service-call.ts';
import { counted, findServicePort, isTold, portText } from './service-port.ts';
import { noLocal, notExposed, notInRanges, sourceText } from './service-stops.ts';
import type { Teller, Told } from './telling.ts';
import { unreadyDetails } from './unready.ts';

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

function arrivalsOf(
  { scene }: Teller,
  { origin, service }: ServiceCall,
  { port, capture, node }: { port: ServicePort; capture: Capture; node: string | undefined },
): Arrival[] {
  const verdict = verdictFor(capture, origin);
  if (verdict.action !== 'forward') return [];
  const { masquerade } = verdict;
  const ofNode = node === undefined ? {} : { node };
  const isOneOfMany =
    origin.node === undefined && capture.frontend === 'LoadBalancerIP' && masquerade === 'always';
  return verdict.endpoints.map((endpoint) => {
    const address = requireAddress(endpoint.ip);
    // A pod's own address need not be its first: it is the same pod.
    const own = origin.pod !== undefined && scene.podAt(address) === origin.pod;
    return {
      station: own ? { ...origin, addresses: [address] } : stationAt(scene, address),
      address,
      port: endpoint.port,
      via: { service, servicePort: port, masquerade, ...ofNode, isBalanced: isOneOfMany },
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
    `${counted(endpoints.length, 'endpoint')}${choiceText[reason] ?? ''} on port ${targets.join(', ')}`;
  return teller.tell(['service', 'passes', reason], sentence, {
    object: idOf(service),
    path: ['spec', 'ports', (service.spec.ports ?? []).indexOf(port)],
    details: [
      ...rangeDetails(teller, call, capture),
      ...unreadyDetails(teller, selectedPods(teller.scene, service)),
    ],
  });
}

/** Whom the ranges let in, where there are any. */
function rangeDetails(
  teller: Teller,
  { origin, service }: ServiceCall,
  { sourceRanges, family }: Capture,
): Detail[] {
  const source = addressIn(origin, family);
  if (sourceRanges === undefined || source === undefined) return [];
  const ranges = (service.spec.loadBalancerSourceRanges ?? []).join(', ');
  const sentence = `loadBalancerSourceRanges ${ranges} let ${sourceText(teller, origin, source)} in`;
  return [teller.detail(sentence, idOf(service), ['spec', 'loadBalancerSourceRanges'])];
}

const skipTexts: Readonly<Record<string, string>> = {
  OTHER_PROXY: 'is left to another proxy by its label service.kubernetes.io/service-proxy-name',
  HEADLESS_LABEL: 'is kept from proxies by its label service.kubernetes.io/headless',
  NO_CLUSTER_IP: 'has no address yet',
  EXTERNAL_NAME: 'is a name for somebody outside the cluster',
};

/** From a connection to a Service to the endpoints that it may get. */
export function reachService(teller: Teller, call: ServiceCall): Reach {
  const { service, origin } = call;
  const { scene } = teller;
  const port = headlessPort(call) ?? findServicePort(teller, service, call.question);
  if (isTold(port)) return nowhere(port);
  if (isHeadless(service)) return reachHeadless(teller, call, port);
  const node = entryNode(scene, call);
  const { captures, skipped } = judgementOf(scene, call, node);
  if (skipped !== undefined) {
    const sentence = `Service ${keyOf(service)} ${skipTexts[skipped] ?? 'is not served'}`;
    return nowhere(teller.tell(['service', 'stops', skipped], sentence, { object: idOf(service) }));
  }
  const ofPort = captures.filter((one) => isCaptureOf(one, service, port));
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
  const { origin, service } = call;
  const verdict = verdictFor(capture, origin);
  const isBalancer = origin.node === undefined && capture.frontend === 'LoadBalancerIP';
  const dial = { address: requireAddress(capture.ip), port: capture.port, isBalancer };
  const found = { dial, protocol: capture.protocol };
  const source = addressIn(origin, capture.family);
  // Asked first: who may not come in is not told whether anybody is there (row 11).
  if (source !== undefined && !admitsSource(capture, source)) {
    return { ...nowhere(notInRanges(teller, service, { origin, address: source })), ...found };
  }
  if (verdict.reason === 'NO_LOCAL_ENDPOINTS') {
    return { ...nowhere(noLocal(teller, service, { capture, node })), ...found };
  }
  if (verdict.action !== 'forward') {
    return { ...nowhere(tellNoEndpoints(teller, service, port)), ...found };
  }
  return {
    told: [tellForward(teller, call, { port, capture, verdict })],
    arrivals: arrivalsOf(teller, call, { port, capture, node }),
    ...found,
  };
}
