import { isDeepStrictEqual } from 'node:util';
import type { Informer } from '../client/index.ts';
import { startLoop, type ControllerContext } from '../controllers/index.ts';
import { Fault, messageOf } from '../fault/index.ts';
import { formatAddress } from '../ip/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { ApiError, keyOf, nodeKind, serviceKind, type Node, type Service } from '../kube/index.ts';
import { Budget, type Publisher } from '../publish/index.ts';
import { backendNodes, type BackendNode } from './backend-nodes.ts';
import type { BackendSummary } from './backend-pool.ts';
import { wantsBalancer, type BalancerPort } from './desired-balancer.ts';
import { FabricAddresses } from './fabric-addresses.ts';
import { HostDoors } from './host-doors.ts';
import type { OpenConnections } from './kernel-path/kernel-flows.ts';
import { KernelPath } from './kernel-path/kernel-path.ts';
import { ReturnPath } from './return-path.ts';
import { ServiceAddresses } from './service-addresses.ts';
import { explainError, ServiceEvents } from './service-events.ts';
import { ServiceReconciler, type Entry } from './service-reconciler.ts';
import { defaultSettings, type BalancerSettings } from './settings.ts';

/** Connections and sessions of all doors together; each costs two descriptors. */
const MAX_CONNECTIONS = 8192;
/** Until a Service that failed is tried again, if nothing changes before. */
const RETRY_MS = 10_000;

export interface CloudOptions extends ControllerContext {
  readonly kernel: Kernel;
  /** Pin of the fabric's namespace: the world outside the nodes. */
  readonly fabric: string;
  /** Which 127.19.INDEX.0/24 of the host is this cluster's; 0 to 255. */
  readonly clusterIndex: number;
  /** One of the cloud's own; whoever made it closes it, after the cloud. */
  readonly publisher: Publisher;
  /** What holds where no annotation says otherwise; {@link defaultSettings} when absent. */
  readonly defaults?: BalancerSettings;
}

/** A load balancer as `portolan status` and `portolan service list` show it. */
export interface BalancerSummary {
  readonly namespace: string;
  readonly name: string;
  /** One of each family, the Service's primary family first; empty when there was none to be had. */
  readonly externalIPs: readonly string[];
  /** Where the host finds it, e.g. `127.19.0.1`; absent when it is internal or there was none left. */
  readonly hostAddress?: string;
  readonly ports: readonly BalancerPort[];
  readonly nodes: readonly BackendSummary[];
  /** What people should know, one sentence each. */
  readonly problems: readonly string[];
}

export interface Cloud {
  /** The load balancers that there are or should be, by namespace and name. */
  list(): readonly BalancerSummary[];
  /** Ends every load balancer and takes its addresses away; Services keep their status, and by it their addresses. */
  close(): Promise<void>;
}

/** Starts the cloud: every Service of type LoadBalancer gets an address outside and a balancer behind it. */
export function startCloud(options: CloudOptions): Cloud {
  return new LoadBalancerCloud(options);
}

class LoadBalancerCloud implements Cloud {
  private readonly services: Informer<Service>;
  private readonly nodes: Informer<Node>;
  private readonly addresses: ServiceAddresses;
  private readonly fabricAddresses: FabricAddresses;
  private readonly returnPath: ReturnPath;
  private readonly kernelPath: KernelPath;
  private readonly events: ServiceEvents;
  private readonly reconciler: ServiceReconciler;
  private readonly loop: ReturnType<typeof startLoop>;
  /** Why a Service has no load balancer, or not the one it asks for. */
  private readonly failures = new Map<string, string>();
  private eligible: readonly BackendNode[] = [];
  private isRestored = false;

  constructor(options: CloudOptions) {
    const { kernel, fabric, clock, client, informers, publisher, clusterIndex } = options;
    this.services = informers.of(serviceKind);
    this.nodes = informers.of(nodeKind);
    this.fabricAddresses = new FabricAddresses(kernel, fabric);
    this.returnPath = new ReturnPath(kernel, fabric);
    const { fabricAddresses: addresses } = this;
    const onError = (error: unknown): void => options.log(`cloud: ${messageOf(error)}`);
    this.kernelPath = new KernelPath({ kernel, fabric, clock, addresses, onError });
    this.addresses = new ServiceAddresses((address) => addresses.has(address));
    this.events = new ServiceEvents(options.events('service-controller'));
    this.reconciler = new ServiceReconciler({
      client,
      site: {
        kernel,
        fabric,
        clock,
        addresses,
        budget: new Budget(MAX_CONNECTIONS),
        kernelPath: this.kernelPath,
        onError,
      },
      addresses: this.addresses,
      hostDoors: new HostDoors(publisher, clusterIndex),
      events: this.events,
      defaults: options.defaults ?? defaultSettings,
      nodes: () => this.eligible,
    });
    this.loop = startLoop({
      name: 'cloud',
      context: options,
      caches: [this.services, this.nodes],
      reconcile: (key) => this.reconcile(key),
    });
    this.services.onChange(({ previous, next }) => {
      if (previous !== undefined && next !== undefined) this.events.changed(previous, next);
      const service = next ?? previous;
      if (service !== undefined) this.loop.queue.add(keyOf(service));
    });
    this.nodes.onChange(() => this.lookAtNodes());
  }

  list(): readonly BalancerSummary[] {
    const { entries } = this.reconciler;
    const keys = [...new Set([...entries.keys(), ...this.failures.keys()])].sort();
    const open = this.kernelPath.open();
    return keys.map((key) =>
      summaryOf(key, { entry: entries.get(key), failure: this.failures.get(key), open }),
    );
  }

  async close(): Promise<void> {
    await this.loop.controller.close();
    await this.reconciler.close();
    this.kernelPath.close();
    this.fabricAddresses.close();
    this.returnPath.close();
    await this.events.flush();
  }

  /** Nodes write their status all the time; load balancers care for little of it. */
  private lookAtNodes(): void {
    const eligible = backendNodes(this.nodes.list());
    if (isDeepStrictEqual(eligible, this.eligible)) return;
    this.eligible = eligible;
    for (const key of this.reconciler.entries.keys()) this.loop.queue.add(key);
  }

  private async reconcile(key: string): Promise<void> {
    if (!this.isRestored) this.addresses.restore(this.services.list().filter(wantsBalancer));
    this.isRestored = true;
    const service = this.services.get(key);
    if (service !== undefined && wantsBalancer(service)) await this.ensure(key, service);
    else await this.remove(key, service);
  }

  private async ensure(key: string, service: Service): Promise<void> {
    try {
      const { published } = await this.reconciler.ensure(service);
      this.failures.delete(key);
      if (published.faults.length > 0) this.loop.queue.addAfter(key, RETRY_MS);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      this.failures.set(key, explainError(error));
      this.events.failed(service, error);
      // What people have to mend is not mended in milliseconds; anything else is for the loop's own back-off.
      if (!(error instanceof Fault)) throw error;
      this.loop.queue.addAfter(key, RETRY_MS);
    }
  }

  private async remove(key: string, service: Service | undefined): Promise<void> {
    this.failures.delete(key);
    await this.reconciler.remove(key, service);
    // One of them may have waited for an address that is free now.
    for (const other of this.failures.keys()) this.loop.queue.add(other);
  }
}

/** What is known of a load balancer. */
interface Known {
  readonly entry: Entry | undefined;
  readonly failure: string | undefined;
  readonly open: OpenConnections;
}

function summaryOf(key: string, { entry, failure, open }: Known): BalancerSummary {
  const [namespace = '', name = ''] = key.split('/');
  const hostAddress = entry?.published.address;
  return {
    namespace,
    name,
    externalIPs: entry?.addresses.map(formatAddress) ?? [],
    ...(hostAddress === undefined ? {} : { hostAddress }),
    ports: entry?.desired?.ports ?? [],
    nodes: entry?.balancer.backends(open) ?? [],
    problems: [...(failure === undefined ? [] : [failure]), ...(entry?.problems ?? [])],
  };
}
