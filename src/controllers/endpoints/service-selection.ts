import type { Change, Informer } from '../../client/index.ts';
import {
  compileMapSelector,
  isConditionTrue,
  keyOf,
  type Pod,
  type Selector,
  type Service,
} from '../../kube/index.ts';

const namespaceIndex = 'namespace';

/** All that endpoints read of a pod, as text: changes of anything else concern no Service. */
function relevance({ metadata, spec, status }: Pod): string {
  return JSON.stringify([
    metadata.uid,
    metadata.labels,
    metadata.deletionTimestamp,
    spec.nodeName,
    status?.phase,
    status?.podIP,
    status?.podIPs,
    isConditionTrue(status?.conditions, 'Ready'),
  ]);
}

/** Which Services select which pods. */
export class ServiceSelection {
  private readonly services: Informer<Service>;
  private readonly pods: Informer<Pod>;
  private readonly selectors = new WeakMap<Service, Selector>();

  constructor(services: Informer<Service>, pods: Informer<Pod>) {
    this.services = services;
    this.pods = pods;
    for (const informer of [services, pods] as Informer<Service | Pod>[])
      informer.indexBy(namespaceIndex, ({ metadata }) => [metadata.namespace ?? '']);
  }

  podsOf(service: Service): Pod[] {
    const selector = this.selectorOf(service);
    return this.pods
      .byIndex(namespaceIndex, service.metadata.namespace ?? '')
      .filter((pod) => selector.matches(pod.metadata.labels));
  }

  /** Keys of the Services that a change of a pod concerns: those that selected it before or do now. */
  concernedBy({ previous, next }: Change<Pod>): string[] {
    if (previous !== undefined && next !== undefined && relevance(previous) === relevance(next))
      return [];
    const states = [previous, next].filter((pod) => pod !== undefined);
    const namespace = states[0]?.metadata.namespace ?? '';
    return this.services
      .byIndex(namespaceIndex, namespace)
      .filter((service) =>
        states.some(({ metadata }) => this.selectorOf(service).matches(metadata.labels)),
      )
      .map(keyOf);
  }

  private selectorOf(service: Service): Selector {
    const known = this.selectors.get(service);
    if (known !== undefined) return known;
    const compiled = compileMapSelector(service.spec.selector);
    this.selectors.set(service, compiled);
    return compiled;
  }
}

/** True when controllers keep the Service's endpoints; without a selector its owner does. */
export function isSelecting({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}
