import type { Client, EventRecorder, Informer } from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
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
  readonly paths: NodePaths;
  readonly dns: DnsSettings;
  readonly log: (text: string) => void;
  /** Resolves when no node sends new connections to the pod any more: before its containers get SIGTERM. */
  drained(pod: Pod): Promise<void>;
}
