import {
  compileMapSelector,
  isConditionTrue,
  isPodTerminal,
  keyOf,
  type Pod,
  type Service,
  type ServicePort,
} from '../../kube/index.ts';
import { targetNumber } from '../../services/index.ts';
import type { Detail } from '../contract.ts';
import { nearest } from '../nearest.ts';
import { selectedPods } from '../places/find.ts';
import { idOf } from '../scene.ts';
import { listed } from './service-port.ts';
import type { Remedy, Teller, Told } from './telling.ts';

type Labels = Readonly<Record<string, string>>;

function labelsText(labels: Labels | undefined): string {
  const terms = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return terms.length === 0 ? 'no labels' : terms.join(',');
}

function podsIn({ scene }: Teller, namespace: string | undefined): Pod[] {
  return [...scene.snapshot.pods.values()].filter((pod) => pod.metadata.namespace === namespace);
}

/** How many of the selector's terms hold, and how many at least look as if they were meant. */
function likeness(
  selector: Labels,
  labels: Labels,
): { readonly held: number; readonly near: number } {
  const terms = Object.entries(selector);
  const held = terms.filter(([key, value]) => labels[key] === value).length;
  const near = terms.filter((term) => corrected(term, labels) !== undefined).length;
  return { held, near };
}

/** The label that a term of a selector may have meant: itself, the value misspelt, or the key. */
function corrected(
  [key, value]: readonly [string, string],
  labels: Labels,
): [string, string] | undefined {
  const own = labels[key];
  if (own === value) return [key, value];
  if (own !== undefined && nearest(value, [own]).length > 0) return [key, own];
  const [otherKey] = nearest(
    key,
    Object.keys(labels).filter((one) => labels[one] === value),
  );
  if (otherKey !== undefined) return [otherKey, value];
  return Object.entries(labels).find(([, one]) => one === value);
}

/** The pod whose labels come closest to what the Service selects. */
function closestPod(selector: Labels, pods: readonly Pod[]): Pod | undefined {
  const ranked = pods
    .filter((pod) => !isPodTerminal(pod))
    .map((pod) => ({ pod, ...likeness(selector, pod.metadata.labels ?? {}) }))
    .filter(({ near }) => near > 0)
    .sort((one, two) => two.near - one.near || two.held - one.held);
  return ranked[0]?.pod;
}

/**
 * The selector with its terms corrected to the pod's labels. A term that could not have meant any of them takes the pod's
 * value, or goes, as long as another holds.
 */
function selectorFor(selector: Labels, pod: Pod): Record<string, string> | undefined {
  const labels = pod.metadata.labels ?? {};
  const terms = Object.entries(selector);
  const holds = terms.some(([key, value]) => labels[key] === value);
  const wanted = terms.flatMap((term): [string, string][] => {
    const found = corrected(term, labels);
    if (found !== undefined) return [found];
    const [key] = term;
    const own = labels[key];
    return holds && own !== undefined ? [[key, own]] : [];
  });
  return holds || wanted.length === terms.length ? Object.fromEntries(wanted) : undefined;
}

function selectsNothing(teller: Teller, service: Service): Told {
  const { selector = {} } = service.spec;
  const { namespace } = service.metadata;
  const object = idOf(service);
  const pods = podsIn(teller, namespace);
  const closest = closestPod(selector, pods);
  const wanted = closest === undefined ? undefined : selectorFor(selector, closest);
  const details: Detail[] =
    closest === undefined
      ? [
          teller.detail(
            elsewhereText(teller, service) ?? `namespace ${namespace} has ${pods.length} pods`,
          ),
        ]
      : [
          teller.detail(
            `nearest: pod ${keyOf(closest)} has ${labelsText(closest.metadata.labels)}`,
            idOf(closest),
            ['metadata', 'labels'],
          ),
        ];
  const sentence = `Service ${keyOf(service)} selects ${labelsText(selector)}, and no pod has that`;
  const remedy = wanted === undefined ? {} : { remedy: selectorRemedy(service, wanted) };
  return teller.tell(['service', 'stops', 'SELECTOR_MATCHES_NO_POD'], sentence, {
    object,
    path: ['spec', 'selector'],
    details,
    ...remedy,
  });
}

/** A Service selects in its own namespace alone. */
function elsewhereText({ scene }: Teller, service: Service): string | undefined {
  const selector = compileMapSelector(service.spec.selector);
  const pod = [...scene.snapshot.pods.values()].find(({ metadata }) =>
    selector.matches(metadata.labels),
  );
  return pod === undefined
    ? undefined
    : `pod ${keyOf(pod)} has these labels, in another namespace than the Service`;
}

function selectorRemedy(service: Service, wanted: Record<string, string>): Remedy {
  return {
    object: idOf(service),
    sentence: `let Service ${keyOf(service)} select ${labelsText(wanted)}`,
    edit: (object) => {
      (object as unknown as Service).spec.selector = wanted;
    },
  };
}

function namedPorts(pods: readonly Pod[], protocol: string): { name: string; port: number }[] {
  return pods
    .flatMap(({ spec }) => spec.containers.flatMap(({ ports = [] }) => ports))
    .filter((port) => (port.protocol ?? 'TCP') === protocol)
    .flatMap(({ name, containerPort }) =>
      name === undefined ? [] : [{ name, port: containerPort }],
    );
}

function noTargetPort(
  teller: Teller,
  service: Service,
  { port, pods }: { readonly port: ServicePort; readonly pods: readonly Pod[] },
): Told {
  const { targetPort = '', protocol = 'TCP' } = port;
  const known = namedPorts(pods, protocol);
  const names = [...new Set(known.map(({ name }) => name))];
  const [near = names.length === 1 ? names[0] : undefined] = nearest(String(targetPort), names);
  const at = (service.spec.ports ?? []).indexOf(port);
  const shown = known.map(({ name, port }) => `${name} (${port}/${protocol})`);
  const [first] = pods;
  const details =
    first === undefined
      ? []
      : [
          teller.detail(`the pods name: ${listed([...new Set(shown)])}`, idOf(first), [
            'spec',
            'containers',
          ]),
        ];
  const remedy = near === undefined ? {} : { remedy: targetRemedy(service, at, near) };
  return teller.tell(
    ['service', 'stops', 'TARGET_PORT_NOT_FOUND'],
    `port ${port.port} of Service ${keyOf(service)} leads to the port named "${targetPort}", and no pod that it selects has one of that name`,
    { object: idOf(service), path: ['spec', 'ports', at, 'targetPort'], details, ...remedy },
  );
}

/** @param at position in `spec.ports` */
export function targetRemedy(service: Service, at: number, target: string | number): Remedy {
  return {
    object: idOf(service),
    sentence: `let port ${service.spec.ports?.[at]?.port} of Service ${keyOf(service)} lead to ${target}`,
    edit: (object) => {
      const port = (object as unknown as Service).spec.ports?.[at];
      if (port !== undefined) port.targetPort = target;
    },
  };
}

/** Why a pod is not ready, in the words of its status. */
function unreadyText({ metadata, status, spec }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'it is being deleted';
  const waiting = (status?.containerStatuses ?? []).find(
    ({ state }) => state?.waiting !== undefined,
  );
  if (waiting !== undefined) {
    return `container ${waiting.name} waits: ${waiting.state?.waiting?.reason ?? 'no reason given'}`;
  }
  const ended = (status?.containerStatuses ?? []).find(({ state }) => state?.terminated);
  if (ended !== undefined) {
    return `container ${ended.name} has ended: ${ended.state?.terminated?.reason ?? 'no reason given'}`;
  }
  const unready = (status?.containerStatuses ?? []).find(({ ready }) => !ready);
  const hasProbe = spec.containers.some(({ readinessProbe }) => readinessProbe !== undefined);
  if (unready !== undefined && hasProbe)
    return `the readiness probe of container ${unready.name} fails`;
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return scheduled.message ?? 'it has no node';
  return `its phase is ${status?.phase ?? 'unknown'}`;
}

export function isReady(pod: Pod): boolean {
  return (
    isConditionTrue(pod.status?.conditions, 'Ready') && pod.metadata.deletionTimestamp === undefined
  );
}

/** One sentence for each of the pods that is not ready; at most five. */
export function unreadyDetails(teller: Teller, pods: readonly Pod[]): Detail[] {
  return pods
    .filter((pod) => !isReady(pod))
    .slice(0, 5)
    .map((pod) => teller.detail(`pod ${keyOf(pod)} is not ready: ${unreadyText(pod)}`, idOf(pod)));
}

/** Why nobody answers for a Service's port. */
export function tellNoEndpoints(teller: Teller, service: Service, port: ServicePort): Told {
  const object = idOf(service);
  if (Object.keys(service.spec.selector ?? {}).length === 0) {
    const sentence = `Service ${keyOf(service)} has no selector, and nobody gave it endpoints`;
    return teller.tell(['service', 'stops', 'NO_SELECTOR'], sentence, { object, path: ['spec'] });
  }
  const pods = selectedPods(teller.scene, service);
  if (pods.length === 0) return selectsNothing(teller, service);
  const serving = pods.filter((pod) => targetNumber(pod, port) !== undefined);
  if (serving.length === 0) return noTargetPort(teller, service, { port, pods });
  const sentence = `none of the ${serving.length} pods that Service ${keyOf(service)} selects is ready`;
  const details = unreadyDetails(teller, serving);
  if (details.length > 0) {
    return teller.tell(['service', 'stops', 'PODS_NOT_READY'], sentence, { object, details });
  }
  const none = `Service ${keyOf(service)} has no endpoint in this family of addresses, or none yet`;
  return teller.tell(['service', 'stops', 'NO_ENDPOINTS'], none, { object });
}
