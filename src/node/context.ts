import type { Client, EventRecorder, Informer } from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Address } from '../ip/index.ts';
import type { Kernel } from '../kernel/index.ts';
import type { ConfigMap, Pod, Secret, Service } from '../kube/index.ts';
import type { ContainerRuntime, ImageService } from '../runtime/index.ts';
import type { PodNetwork } from './network/pod-network.ts';
import type { DnsSettings } from './pod/name-files.ts';

/** Where a node keeps what must outlive the daemon (`pods`, `logs`) and the machine's boot (not `namespaces`). */
export interface NodePaths {
  readonly pods: string;
  readonly logs: string;
  readonly namespaces: string;
}

/** Caches of the API that all nodes of one process share. */
export interface NodeCaches {
  readonly pods: Informer<Pod>;
  readonly services: Informer<Service>;
  readonly configMaps: Informer<ConfigMap>;
  readonly secrets: Informer<Secret>;
}

/** Whoever enforces network policies hears of pods before anything can reach them. */
export interface PodPolicies {
  /** Why policies cannot be enforced, in the words of the node's Ready condition; `undefined` when they are. */
  readonly problem: string | undefined;
  /** Calls `listener`, the only one, whenever {@link problem} is another. */
  onChange(listener: () => void): void;
  /**
   * Isolates a pod that is about to get its link as policies want it; it is in the kernel when this returns.
   * @throws Fault when the kernel refuses: then the pod must not get a link.
   */
  announce(pod: Pod, addresses: readonly Address[]): void;
  /** Tells of a pod that has its link since an earlier daemon. */
  adopt(pod: Pod, addresses: readonly Address[]): void;
  /** The pod's link is gone. Harmless for pods that nobody announced. */
  retract(uid: string): void;
}

/** Everything that the parts of one node's agent share; made once by the agent. */
export interface NodeContext {
  readonly nodeName: string;
  /** The node's own addresses, primary family first. */
  readonly nodeIPs: readonly string[];
  /** Pin of the node's network namespace. */
  readonly netns: string;
  readonly client: Client;
  readonly caches: NodeCaches;
  readonly runtime: ContainerRuntime;
  readonly images: ImageService;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly network: PodNetwork;
  /** Absent where nobody enforces network policies. */
  readonly policies?: PodPolicies;
  readonly paths: NodePaths;
  readonly dns: DnsSettings;
  readonly log: (text: string) => void;
  /** Resolves when no node sends new connections to the pod any more: before its containers get SIGTERM. */
  drained(pod: Pod): Promise<void>;
}
