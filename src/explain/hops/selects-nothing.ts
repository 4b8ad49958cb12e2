import {
  compileMapSelector,
  isPodTerminal,
  keyOf,
  type Pod,
  type Service,
} from '../../kube/index.ts';
import type { Detail } from '../contract.ts';
import { nearest } from '../nearest.ts';
import { idOf } from '../scene.ts';
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

/** Whose labels come closest to what a Service selects, when no pod has them. */
export function selectsNothing(teller: Teller, service: Service): Told {
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
