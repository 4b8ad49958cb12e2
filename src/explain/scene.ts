import { formatAddress, parseAddress, parseCidr, type Address, type Cidr } from '../ip/index.ts';
import { keyOf, type AnyObject, type KubeObject, type Node, type Pod } from '../kube/index.ts';
import { createNameJudge, defaultCorefile, readCorefile, type NameJudge } from '../names/index.ts';
import type { PolicyWorld } from '../policy/index.ts';
import type { StaticSnapshot } from '../snapshot/index.ts';
import { templatePath } from '../snapshot/index.ts';
import type { FieldPath, ObjectId } from './contract.ts';

/** A socket that waits for connections, or for datagrams. */
export interface Listener {
  readonly protocol: 'TCP' | 'UDP';
  readonly address: Address;
  readonly port: number;
}

/** Where a field of an object is written; undefined for objects that are in no file. */
export type Locator = (object: ObjectId, path: FieldPath) => string | undefined;

/** What is known of the cluster besides its objects. */
export interface Surroundings {
  /** Of places that name none. */
  readonly namespace: string;
  readonly locate?: Locator;
  /** By `namespace/name` of the pods whose sockets could be read. */
  readonly listeners?: ReadonlyMap<string, readonly Listener[]>;
  /** How cluster DNS is told to answer; as CoreDNS comes with Kubernetes, when absent or not to be read. */
  readonly corefile?: string;
  /** Blocks that Services get addresses of; none where they are not known. */
  readonly serviceRanges?: readonly Cidr[];
  /** The network of the cluster, as `--cni bridge`, where it enforces no policies. */
  readonly unenforcedBy?: string;
  /** Whom connections from the world outside come from, at most one of each family; those of nobody when absent. */
  readonly outside?: readonly Address[];
}

const DEFAULT_DOMAIN = 'cluster.local';

function nameJudgeOf(corefile: string | undefined): NameJudge {
  const own = corefile === undefined ? undefined : readCorefile(corefile);
  const read = own?.ok === true ? own : readCorefile(defaultCorefile(DEFAULT_DOMAIN));
  if (!read.ok) throw new Error('the default Corefile does not read');
  return createNameJudge(read.config);
}

/** The first zone that is the cluster's own. */
function clusterDomainOf({ config }: NameJudge): string {
  const zones = config.blocks.flatMap(({ kubernetes }) => kubernetes?.zones ?? []);
  return zones[0]?.replace(/\.$/, '') ?? DEFAULT_DOMAIN;
}

/** The cluster that a story is told of. */
export class Scene {
  readonly snapshot: StaticSnapshot;
  readonly namespace: string;
  readonly listeners: ReadonlyMap<string, readonly Listener[]>;
  readonly names: NameJudge;
  /** Without dots around it. */
  readonly clusterDomain: string;
  readonly world: PolicyWorld;
  readonly podRanges: readonly Cidr[];
  readonly serviceRanges: readonly Cidr[];
  readonly unenforcedBy: string | undefined;
  readonly outside: readonly Address[] | undefined;
  readonly #locate: Locator | undefined;
  readonly #nodesByAddress: ReadonlyMap<string, Node>;

  constructor(snapshot: StaticSnapshot, surroundings: Surroundings) {
    this.snapshot = snapshot;
    this.namespace = surroundings.namespace;
    this.listeners = surroundings.listeners ?? new Map();
    this.names = nameJudgeOf(surroundings.corefile);
    this.clusterDomain = clusterDomainOf(this.names);
    this.serviceRanges = surroundings.serviceRanges ?? [];
    this.unenforcedBy = surroundings.unenforcedBy;
    this.outside = surroundings.outside;
    this.#locate = surroundings.locate;
    const nodes = [...snapshot.nodes.values()];
    this.podRanges = nodes.flatMap(({ spec }) =>
      (spec?.podCIDRs ?? []).flatMap((text) => parseCidr(text) ?? []),
    );
    this.#nodesByAddress = new Map(
      nodes.flatMap((node) => nodeAddresses(node).map((ip) => [ip, node] as const)),
    );
    this.world = { ...snapshot, podRanges: this.podRanges };
  }

  podAt(address: Address): Pod | undefined {
    return this.snapshot.podsByIP.get(formatAddress(address));
  }

  nodeAt(address: Address): Node | undefined {
    return this.#nodesByAddress.get(formatAddress(address));
  }

  /** The text of an address; undefined for one that was only assumed, which is none to tell. */
  knownAddress(address: Address | string): string | undefined {
    const text = typeof address === 'string' ? address : formatAddress(address);
    return this.snapshot.assumed.addresses.has(text) ? undefined : text;
  }

  isPlaced(pod: Pod): boolean {
    return !this.snapshot.assumed.placements.has(keyOf(pod));
  }

  /** Where a field is written: a pod's, when it stands for those of a template, in the template. */
  locate(object: ObjectId, path: FieldPath): string | undefined {
    if (this.#locate === undefined) return undefined;
    const own = this.#locate(object, path);
    if (own !== undefined || object.kind !== 'Pod') return own;
    const pod = this.snapshot.pods.get(`${object.namespace}/${object.name}`);
    const [owner] = pod?.metadata.ownerReferences ?? [];
    const workload = this.snapshot.workloads.get(
      `${owner?.kind}/${object.namespace}/${owner?.name}`,
    );
    if (workload === undefined) return undefined;
    return this.#locate(idOf(workload), [...templatePath(workload), ...path]);
  }
}

/** The addresses of a node's own, as Services and policies know them. */
export function nodeAddresses(node: Node): string[] {
  return (node.status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .flatMap(({ address }) => {
      const parsed = parseAddress(address);
      return parsed === undefined ? [] : [formatAddress(parsed)];
    });
}

export function idOf({ kind, metadata }: KubeObject | AnyObject): ObjectId {
  const { namespace, name } = metadata;
  return namespace === undefined ? { kind, name } : { kind, namespace, name };
}

/** `Service shop/web` */
export function idText({ kind, namespace, name }: ObjectId): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
