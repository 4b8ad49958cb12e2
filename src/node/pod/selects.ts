import type { Informer } from '../../client/index.ts';
import { compileMapSelector, type Pod, type Service } from '../../kube/index.ts';

/** The index of Services by one of the labels that they ask for; the agents' share of the shared cache. */
const SELECTOR_INDEX = 'spec.selector';

const labelKey = (namespace = '', name: string, value: string): string =>
  `${namespace}/${name}=${value}`;

/** Makes {@link servicesOf} quick among many Services. To be called once for a cache. */
export function indexSelectors(services: Pick<Informer<Service>, 'indexBy'>): void {
  services.indexBy(SELECTOR_INDEX, ({ metadata, spec }) => {
    // One of them is enough: a pod that lacks it is not selected.
    const [first] = Object.entries(spec.selector ?? {});
    return first === undefined ? [] : [labelKey(metadata.namespace, ...first)];
  });
}

/** The Services that send to the pod by its labels, of a cache with {@link indexSelectors}. */
export function servicesOf(
  services: Pick<Informer<Service>, 'byIndex'>,
  pod: Pod,
): readonly Service[] {
  const { namespace, labels = {} } = pod.metadata;
  return Object.entries(labels)
    .flatMap(([name, value]) => services.byIndex(SELECTOR_INDEX, labelKey(namespace, name, value)))
    .filter((service) => selects(service, pod));
}

/** True when a Service sends to the pod by its labels. */
export function selects(service: Service | undefined, { metadata }: Pod): boolean {
  const selector = service?.spec.selector;
  if (selector === undefined || Object.keys(selector).length === 0) return false;
  return (
    service?.metadata.namespace === metadata.namespace &&
    compileMapSelector(selector).matches(metadata.labels ?? {})
  );
}
