import type { CancelTimer, Clock } from '../../clock/index.ts';
import type { Informer } from '../../client/index.ts';
import { Fault, messageOf } from '../../fault/index.ts';
import { requireAddress, requireCidr, type Address, type Cidr } from '../../ip/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import {
  keyOf,
  type ClusterNetworkPolicy,
  type KubeObject,
  type Namespace,
  type NetworkPolicy,
  type Node,
  type Pod,
} from '../../kube/index.ts';
import { PolicyPlan, type PolicySettings } from '../../plan/index.ts';
import { PolicyCompiler } from '../../policy/index.ts';
import type { PodPolicies } from '../context.ts';
import type { GuardedTables } from '../rules-watch/rules-watch.ts';
import { Announcements } from './announcements.ts';
import { EnforcedNode } from './enforced-node.ts';
import type { NodeDrops } from './flows.ts';

/** How often the rules are read back, for what something else changed in them. */
const RESYNC_MS = 5 * 60_000;

/** What policies are judged by, as the API has it. */
export interface PolicySources {
  readonly namespaces: Informer<Namespace>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly policies: Informer<NetworkPolicy>;
  readonly clusterPolicies: Informer<ClusterNetworkPolicy>;
}

export interface PolicyEnforcerOptions {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly nodes: readonly { readonly name: string; readonly netns: string }[];
  readonly settings: PolicySettings;
  /** True for pods whose place nodes take at {@link PolicySettings.localServices}: those of cluster DNS. */
  readonly isLocalService: (pod: Pod) => boolean;
  readonly sources: PolicySources;
  readonly log: (text: string) => void;
}

/** What an object of one kind means to the compiler. */
interface Taker<T> {
  set(object: T): void;
  remove(object: T): void;
}

/**
 * Keeps all nodes of a cluster at its network policies. One compilation for all; what changes in one turn of the event
 * loop is one transaction for each node.
 */
export class PolicyEnforcer {
  readonly podRanges: readonly Cidr[];
  private readonly options: PolicyEnforcerOptions;
  private readonly compiler: PolicyCompiler;
  private readonly plan: PolicyPlan;
  private readonly nodes: ReadonlyMap<string, EnforcedNode>;
  private readonly localServices: readonly Address[];
  private readonly announced = new Announcements();
  /** Policies that the compiler could not take, by kind and key, with its words. */
  private readonly failures = new Map<string, string>();
  private isStarted = false;
  private isClosed = false;
  private isDue = false;
  private cancelResync: CancelTimer = () => {};

  /** @throws Fault `INVALID_CIDR`, `INVALID_ADDRESS`. */
  constructor(options: PolicyEnforcerOptions) {
    this.options = options;
    const { kernel, clock, settings, log } = options;
    this.podRanges = settings.podCIDRs.map(requireCidr);
    this.localServices = settings.localServices.map(requireAddress);
    this.compiler = new PolicyCompiler({ podRanges: this.podRanges });
    this.plan = new PolicyPlan(settings);
    this.nodes = new Map(
      options.nodes.map(({ name, netns }) => [
        name,
        new EnforcedNode({ name, netns, kernel, clock, plan: this.plan, log }),
      ]),
    );
  }

  /** Puts everything in force on every node, then follows changes. @throws NftRefused. */
  async start(): Promise<void> {
    const { sources } = this.options;
    await Promise.all(Object.values(sources).map(({ synced }) => synced));
    this.followAll();
    this.plan.apply(this.compiler.drain());
    for (const node of this.nodes.values()) node.start();
    this.isStarted = true;
    this.scheduleResync();
  }

  /** What the agent of a node tells of its pods. @throws TypeError for a node that is not of this cluster. */
  of(name: string): PodPolicies {
    const node = this.node(name);
    return {
      get problem() {
        return node.problem;
      },
      onChange: (listener) => node.onChange(listener),
      announce: (pod, addresses) => {
        this.stageAnnouncement(pod, addresses);
        this.flush();
        if (node.problem !== undefined) throw notEnforced(name, node.problem);
      },
      adopt: (pod, addresses) => {
        this.stageAnnouncement(pod, addresses);
        this.schedule();
      },
      retract: (uid) => this.retract(uid),
    };
  }

  /** What a node's `RulesWatch` guards. @throws TypeError for a node that is not of this cluster. */
  tables(name: string): GuardedTables {
    return this.node(name).tables;
  }

  private node(name: string): EnforcedNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new TypeError(`no policies are enforced on ${name}`);
    return node;
  }

  /** The pod that was announced with an address; status may not have it yet. */
  podAt(address: string): Pod | undefined {
    return this.announced.at(address);
  }

  /** Puts what changed in force now instead of at the end of this turn. */
  flush(): void {
    this.isDue = false;
    if (!this.isStarted || this.isClosed) return;
    const operations = this.plan.apply(this.compiler.drain());
    for (const node of this.nodes.values()) {
      if (operations.length > 0 || node.problem !== undefined) node.commit(operations);
    }
  }

  /** The kernels' own counters. @throws NetlinkError. */
  drops(): NodeDrops[] {
    return Array.from(this.nodes, ([node, enforced]) => {
      const { egress, ingress } = enforced.drops();
      return { node, egress: Number(egress), ingress: Number(ingress) };
    });
  }

  /** Takes in what the API does not have, for {@link proveEnforcement}; in force when this returns. */
  tryPolicy(policy: NetworkPolicy): void {
    this.compiler.setPolicy(policy);
    this.flush();
  }

  untryPolicy(policy: NetworkPolicy): void {
    this.compiler.removePolicy(policy);
    this.flush();
  }

  tryNamespace(namespace: Namespace): void {
    this.compiler.setNamespace(namespace);
  }

  untryNamespace({ metadata }: Namespace): void {
    this.compiler.removeNamespace(metadata.name);
    this.schedule();
  }

  /** Forgets a pod that was announced and that the API does not have. */
  withdraw(pod: Pod): void {
    this.announced.delete(pod.metadata.uid ?? '');
    this.compiler.removePod(pod);
    this.schedule();
  }

  /** Packets between canaries that a node dropped. @throws NetlinkError. */
  canaryDrops(node: string): bigint {
    return this.nodes.get(node)?.drops().canaries ?? 0n;
  }

  /** Stops following; what is in force stays in force. */
  close(): void {
    this.isClosed = true;
    this.cancelResync();
    for (const node of this.nodes.values()) node.close();
  }

  private followAll(): void {
    const { compiler } = this;
    const { sources } = this.options;
    this.follow(sources.namespaces, {
      set: (namespace) => compiler.setNamespace(namespace),
      remove: ({ metadata }) => compiler.removeNamespace(metadata.name),
    });
    this.follow(sources.nodes, {
      set: (node) => compiler.setNode(node),
      remove: ({ metadata }) => compiler.removeNode(metadata.name),
    });
    this.follow(sources.pods, {
      set: (pod) => this.setPod(pod),
      remove: (pod) => compiler.removePod(pod),
    });
    this.follow(sources.policies, {
      set: (policy) => compiler.setPolicy(policy),
      remove: (policy) => compiler.removePolicy(policy),
    });
    this.follow(sources.clusterPolicies, {
      set: (policy) => compiler.setClusterPolicy(policy),
      remove: (policy) => compiler.removeClusterPolicy(policy),
    });
  }

  private follow<T extends KubeObject>(informer: Informer<T>, taker: Taker<T>): void {
    informer.onChange(({ previous, next }) => {
      if (this.isClosed) return;
      const isGone = next === undefined || previous?.metadata.uid !== next.metadata.uid;
      if (isGone && previous !== undefined) this.take(previous, (object) => taker.remove(object));
      if (next !== undefined) this.take(next, (object) => taker.set(object));
      this.schedule();
    });
  }

  /** What cannot be taken leaves all nodes not ready: nobody may believe that it is enforced. */
  private take<T extends KubeObject>(object: T, how: (object: T) => void): void {
    const key = `${object.kind} ${keyOf(object)}`;
    try {
      how(object);
      if (!this.failures.delete(key)) return;
    } catch (error) {
      this.failures.set(key, `${key}: ${messageOf(error)}`);
    }
    const [failure] = this.failures.values();
    const complaint = failure && `PolicyCompilationFailed: cannot enforce ${failure}`;
    for (const node of this.nodes.values()) node.complain(complaint);
  }

  private setPod(pod: Pod): void {
    this.announced.update(pod);
    this.compiler.setPod(pod);
    if (this.options.isLocalService(pod)) {
      this.stageAnnouncement(pod, this.announced.addressesOf(pod.metadata.uid ?? ''));
    }
  }

  private stageAnnouncement(pod: Pod, addresses: readonly Address[]): void {
    this.announced.set(pod, addresses);
    const isLocalService = this.options.isLocalService(pod);
    this.compiler.announce(pod, isLocalService ? [...addresses, ...this.localServices] : addresses);
  }

  private retract(uid: string): void {
    this.announced.delete(uid);
    this.compiler.retract(uid);
    this.schedule();
  }

  private schedule(): void {
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(() => {
      if (this.isDue) this.flush();
    });
  }

  private scheduleResync(): void {
    this.cancelResync = this.options.clock.setTimer(RESYNC_MS, () => {
      this.flush();
      for (const node of this.nodes.values()) node.resync();
      this.scheduleResync();
    });
  }
}

function notEnforced(node: string, problem: string): Fault {
  return new Fault({
    code: 'POLICIES_NOT_ENFORCED',
    message: `node ${node} cannot isolate the pod as network policies want it: ${problem}`,
    advice: 'It is tried again; until then the pod gets no network.',
  });
}
