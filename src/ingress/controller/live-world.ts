import type { Informer, InformerSet } from '../../client/index.ts';
import {
  configMapKind,
  endpointSliceKind,
  ingressClassKind,
  ingressKind,
  keyOf,
  secretKind,
  serviceKind,
  type ConfigMap,
  type EndpointSlice,
  type Ingress,
  type IngressClass,
  type KubeObject,
  type Secret,
  type Service,
} from '../../kube/index.ts';
import type { RouteWorld } from '../../routes/index.ts';

/** The label by which an EndpointSlice names its Service (KEP-752). */
const serviceNameLabel = 'kubernetes.io/service-name';

function serviceKeyOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace}/${metadata.labels?.[serviceNameLabel] ?? ''}`;
}

/** What routes are made of, as it is at this moment: follows the caches in place. */
export class LiveWorld implements RouteWorld {
  readonly ingresses: Map<string, Ingress>;
  readonly classes: Map<string, IngressClass>;
  readonly services: Map<string, Service>;
  readonly slices = new Map<string, readonly EndpointSlice[]>();
  readonly secrets: Map<string, Secret>;
  readonly configMaps: Map<string, ConfigMap>;
  /** Resolves when all caches are synced. */
  readonly synced: Promise<void>;
  private readonly changed: () => void;

  /** `changed` is called after each change. */
  constructor(informers: InformerSet, changed: () => void) {
    this.changed = changed;
    const slices = informers.of(endpointSliceKind);
    const followed = [
      informers.of(ingressKind),
      informers.of(ingressClassKind),
      informers.of(serviceKind),
      informers.of(secretKind),
      informers.of(configMapKind),
      slices,
    ];
    this.ingresses = this.follow(informers.of(ingressKind));
    this.classes = this.follow(informers.of(ingressClassKind));
    this.services = this.follow(informers.of(serviceKind));
    this.secrets = this.follow(informers.of(secretKind));
    this.configMaps = this.follow(informers.of(configMapKind));
    this.followSlices(slices);
    this.synced = Promise.all(followed.map(({ synced }) => synced)).then(() => undefined);
  }

  private follow<T extends KubeObject>(informer: Informer<T>): Map<string, T> {
    const map = new Map<string, T>();
    informer.onChange(({ previous, next }) => {
      if (next !== undefined) map.set(keyOf(next), next);
      else if (previous !== undefined) map.delete(keyOf(previous));
      this.changed();
    });
    return map;
  }

  private followSlices(informer: Informer<EndpointSlice>): void {
    informer.onChange(({ previous, next }) => {
      if (previous !== undefined) this.replaceSlice(previous, undefined);
      if (next !== undefined) this.replaceSlice(next, next);
      this.changed();
    });
  }

  private replaceSlice(slice: EndpointSlice, by: EndpointSlice | undefined): void {
    const key = serviceKeyOf(slice);
    const others = (this.slices.get(key) ?? []).filter(
      ({ metadata }) => metadata.name !== slice.metadata.name,
    );
    const all = by === undefined ? others : [...others, by];
    if (all.length === 0) this.slices.delete(key);
    else this.slices.set(key, all);
  }
}
