import { cidrOf, lastAddress, type Address, type Cidr, type Family } from '../../ip/index.ts';
import type { Pod } from '../../kube/index.ts';
import type { PortSpan } from '../compiled.ts';
import type { PolicyWorld } from '../contract.ts';
import { addressesOf, isPolicyPod } from '../policy-pods.ts';
import type { AddressClass } from '../tables/class-table.ts';
import { PolicyCompiler } from '../tables/policy-compiler.ts';
import { fullRegion, intersect, regionHas, spansOf, type Region } from '../tables/region.ts';

export interface MatrixOptions {
  /** Of the connections; IPv4 unless said otherwise. Pods that have addresses of the other family only are left out. */
  readonly family?: Family;
  /** Addresses beside the pods': of nodes, or of the world outside. */
  readonly addresses?: readonly Address[];
}

/** Ends that no policy tells apart: pods, or other addresses. */
export interface MatrixGroup {
  readonly pods: readonly Pod[];
  readonly addresses: readonly Address[];
}

/** What one pod may reach of another. */
export interface MatrixPair {
  readonly source: Pod;
  readonly destination: Pod;
  readonly spans: readonly PortSpan[];
}

interface Group extends MatrixGroup {
  readonly class: AddressClass;
}

/** Who reaches whom: a cell for each pair of groups, worked out when it is asked for. */
export class PolicyMatrix {
  readonly groups: readonly MatrixGroup[];
  private readonly compiler: PolicyCompiler;
  private readonly classes: readonly AddressClass[];
  private readonly spansByRegion = new Map<Region, readonly PortSpan[]>();

  constructor(compiler: PolicyCompiler, groups: readonly Group[]) {
    this.compiler = compiler;
    this.groups = groups.map(({ pods, addresses }) => ({ pods, addresses }));
    this.classes = groups.map((group) => group.class);
  }

  /**
   * Protocols and ports on which the members of one group reach those of another; both are positions in
   * {@link groups}. A pod and itself are no matter of policies, nor are a pod and its own node.
   */
  spans(from: number, to: number): readonly PortSpan[] {
    const region = this.region(from, to);
    const known = this.spansByRegion.get(region) ?? spansOf(region);
    this.spansByRegion.set(region, known);
    return known;
  }

  /** Whether one protocol and port passes. */
  admits(
    from: number,
    to: number,
    port: { readonly protocol: number; readonly port: number },
  ): boolean {
    return regionHas(this.region(from, to), port.protocol, port.port);
  }

  /** Every pair of different pods. */
  *pairs(): Generator<MatrixPair> {
    for (const [from, sources] of this.groups.entries()) {
      for (const [to, destinations] of this.groups.entries()) {
        yield* pairsOf(sources, destinations, this.spans(from, to));
      }
    }
  }

  private region(from: number, to: number): Region {
    const [source, destination] = [this.classes[from], this.classes[to]];
    if (source === undefined || destination === undefined) {
      throw new RangeError(`the matrix has ${this.classes.length} groups: no ${from} or ${to}`);
    }
    return intersect(
      this.compiler.admitted('egress', source, destination) ?? fullRegion,
      this.compiler.admitted('ingress', destination, source) ?? fullRegion,
    );
  }
}

function* pairsOf(
  sources: MatrixGroup,
  destinations: MatrixGroup,
  spans: readonly PortSpan[],
): Generator<MatrixPair> {
  for (const source of sources.pods) {
    for (const destination of destinations.pods) {
      if (source !== destination) yield { source, destination, spans };
    }
  }
}

/**
 * Who reaches whom, by groups of pods that no policy tells apart. Pods in their node's network and pods that have
 * ended are left out; a pod without an address is taken to have one of the pods' ranges.
 */
export function matrix(
  world: PolicyWorld,
  pods: Iterable<Pod>,
  { family = 4, addresses = [] }: MatrixOptions = {},
): PolicyMatrix {
  const { podRanges = [] } = world;
  const compiler = new PolicyCompiler({ podRanges, families: [family] });
  for (const namespace of world.namespaces.values()) compiler.setNamespace(namespace);
  for (const node of world.nodes.values()) compiler.setNode(node);
  const assumed = assumedAddresses(family, podRanges);
  const placed: { pod: Pod; address: Address }[] = [];
  for (const pod of pods) {
    const address = isPolicyPod(pod) ? placeOf(pod, family, assumed) : undefined;
    if (address === undefined) continue;
    placed.push({ pod, address });
    compiler.announce(pod, [address]);
  }
  for (const policy of world.policies.values()) compiler.setPolicy(policy);
  for (const policy of world.clusterPolicies.values()) compiler.setClusterPolicy(policy);
  compiler.drain();
  return new PolicyMatrix(compiler, groupsOf(compiler, placed, addresses));
}

function groupsOf(
  compiler: PolicyCompiler,
  placed: readonly { readonly pod: Pod; readonly address: Address }[],
  addresses: readonly Address[],
): Group[] {
  const byClass = Map.groupBy(placed, ({ address }) => compiler.classAt(address));
  const ofPods = [...byClass].map(([found, members]) => ({
    class: found,
    pods: members.map(({ pod }) => pod),
    addresses: members.map(({ address }) => address),
  }));
  const others = addresses.map((address) => ({
    class: compiler.classAt(address),
    pods: [],
    addresses: [address],
  }));
  return [...ofPods, ...others];
}

/** The pod's own of the family; an assumed one when it has none at all. */
function placeOf(pod: Pod, family: Family, assumed: Iterator<Address, never>): Address | undefined {
  const own = addressesOf(pod);
  return own.length === 0 ? assumed.next().value : own.find((each) => each.family === family);
}

/** Addresses from the end of the pods' range down: pods get theirs from its beginning. */
function* assumedAddresses(family: Family, podRanges: readonly Cidr[]): Generator<Address, never> {
  const range =
    podRanges.find((each) => each.family === family) ?? cidrOf({ family, value: 0n }, 0);
  for (let { value } = lastAddress(range); ; value -= 1n) yield { family, value };
}
