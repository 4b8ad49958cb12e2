import type { Change, Informer } from '../client/index.ts';
import {
  isPodTerminal,
  keyOf,
  objectKey,
  type ClusterNetworkPolicy,
  type EndpointSlice,
  type KubeObject,
  type Namespace,
  type NetworkPolicy,
  type Node,
  type Pod,
  type Service,
} from '../kube/index.ts';
import { CopyOnWriteMap } from './copy-on-write-map.ts';
import type { Snapshot } from './snapshot.ts';

/** The label by which an EndpointSlice names its Service (KEP-752). */
const serviceNameLabel = 'kubernetes.io/service-name';

/** The caches that a view stands on; it does not close them. */
export interface ViewSources {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  /** For views that are asked about names or policies. */
  readonly namespaces?: Informer<Namespace>;
  /** For views that are asked about policies. */
  readonly policies?: Informer<NetworkPolicy>;
  readonly clusterPolicies?: Informer<ClusterNetworkPolicy>;
}

/** Hears of Services (`namespace/name`) of which the Service itself or its slices changed. */
export type ServicesListener = (keys: ReadonlySet<string>) => void;

/** The living end of the {@link Snapshot}: follows the caches, hands out moments. */
export interface ClusterView {
  /** Resolves when all caches are synced. */
  readonly synced: Promise<void>;
  /** The newest moment. Two calls without a change between them return the same object. */
  snapshot(): Snapshot;
  /**
   * Changes of one turn of the event loop arrive together. A late listener first hears of all Services there are, unless it
   * has `seen` the newest {@link snapshot}: then of those that change from now on.
   */
  onServices(listener: ServicesListener, seen?: Snapshot): void;
}

/** Collects keys and tells them once a turn. */
class Feed {
  private readonly listeners: ServicesListener[] = [];
  private pending = new Set<string>();

  add(key: string): void {
    if (this.pending.size === 0) setImmediate(() => this.tell());
    this.pending.add(key);
  }

  /** What is collected already is news for earlier listeners only. */
  listen(listener: ServicesListener): void {
    this.tell();
    this.listeners.push(listener);
  }

  private tell(): void {
    if (this.pending.size === 0) return;
    const keys = this.pending;
    this.pending = new Set();
    for (const listener of this.listeners) listener(keys);
  }
}

function serviceKeyOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel];
  if (name === undefined || name === '') return undefined;
  const { namespace } = slice.metadata;
  return objectKey(namespace === undefined ? { name } : { name, namespace });
}

/** The addresses by which packets of this pod, and no other, are known. */
function ownAddresses(pod: Pod | undefined): string[] {
  if (pod === undefined || pod.spec.hostNetwork === true || isPodTerminal(pod)) return [];
  return (pod.status?.podIPs ?? []).map(({ ip }) => ip);
}

function mirror<T extends KubeObject>(informer: Informer<T>): CopyOnWriteMap<string, T> {
  const map = new CopyOnWriteMap<string, T>();
  informer.onChange(({ previous, next }) => {
    const object = next ?? previous;
    if (object !== undefined) map.put(keyOf(object), next);
  });
  return map;
}

function mirrorIfAny<T extends KubeObject>(
  informer: Informer<T> | undefined,
): CopyOnWriteMap<string, T> {
  return informer === undefined ? new CopyOnWriteMap() : mirror(informer);
}

function mirrorSlices(
  informer: Informer<EndpointSlice>,
  changed: (serviceKey: string) => void,
): CopyOnWriteMap<string, readonly EndpointSlice[]> {
  const map = new CopyOnWriteMap<string, readonly EndpointSlice[]>();

  function replace(serviceKey: string, { previous, next }: Change<EndpointSlice>): void {
    const name = (next ?? previous)?.metadata.name;
    const others = (map.get(serviceKey) ?? []).filter((slice) => slice.metadata.name !== name);
    const belongs = next !== undefined && serviceKeyOf(next) === serviceKey;
    const slices = belongs ? [...others, next] : others;
    map.put(serviceKey, slices.length === 0 ? undefined : slices);
    changed(serviceKey);
  }

  informer.onChange((change) => {
    const keys = [change.previous, change.next].flatMap((slice) =>
      slice === undefined ? [] : (serviceKeyOf(slice) ?? []),
    );
    for (const key of new Set(keys)) replace(key, change);
  });
  return map;
}

function indexByIP(informer: Informer<Pod>): CopyOnWriteMap<string, Pod> {
  const map = new CopyOnWriteMap<string, Pod>();
  informer.onChange(({ previous, next }) => {
    const uid = (previous ?? next)?.metadata.uid;
    for (const ip of ownAddresses(previous)) {
      // The address may belong to a newer pod already, whose change came first.
      if (map.get(ip)?.metadata.uid === uid) map.put(ip, undefined);
    }
    if (next !== undefined) for (const ip of ownAddresses(next)) map.put(ip, next);
  });
  return map;
}

/** Makes the view of a cluster over its caches. */
export function createClusterView(sources: ViewSources): ClusterView {
  const feed = new Feed();
  let current: Snapshot | undefined;

  const services = mirror(sources.services);
  const slices = mirrorSlices(sources.slices, (key) => feed.add(key));
  const pods = mirror(sources.pods);
  const podsByIP = indexByIP(sources.pods);
  const nodes = mirror(sources.nodes);
  const namespaces = mirrorIfAny(sources.namespaces);
  const policies = mirrorIfAny(sources.policies);
  const clusterPolicies = mirrorIfAny(sources.clusterPolicies);

  sources.services.onChange(({ previous, next }) => {
    const service = next ?? previous;
    if (service !== undefined) feed.add(keyOf(service));
  });
  const informers = Object.values(sources).filter((source) => source !== undefined);
  for (const informer of informers) {
    (informer as Informer<KubeObject>).onChange(() => {
      current = undefined;
    });
  }

  return {
    synced: Promise.all(informers.map(({ synced }) => synced)).then(() => undefined),
    snapshot() {
      current ??= {
        services: services.share(),
        slices: slices.share(),
        pods: pods.share(),
        podsByIP: podsByIP.share(),
        nodes: nodes.share(),
        namespaces: namespaces.share(),
        policies: policies.share(),
        clusterPolicies: clusterPolicies.share(),
      };
      return current;
    },
    onServices(listener, seen) {
      feed.listen(listener);
      if (seen !== undefined && seen === current) return;
      const known = new Set(services.share().keys());
      if (known.size > 0) setImmediate(() => listener(known));
    },
  };
}
