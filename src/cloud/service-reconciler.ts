import { isDeepStrictEqual } from 'node:util';
import type { Client } from '../client/index.ts';
import { Fault } from '../fault/index.ts';
import type { Address } from '../ip/index.ts';
import { keyOf, type Service } from '../kube/index.ts';
import { readAnnotations } from './annotations.ts';
import type { BackendNode } from './backend-nodes.ts';
import { desiredBalancer, isForeign, type DesiredBalancer } from './desired-balancer.ts';
import type { HostDoors, Published } from './host-doors.ts';
import { ingressStatus } from './ingress-status.ts';
import { RunningBalancer, type BalancerSite } from './running-balancer.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import { explainUnserved, warningsOf, type ServiceEvents } from './service-events.ts';
import { hasFinalizer, ServiceWriter } from './service-writer.ts';
import type { BalancerSettings } from './settings.ts';

/** The load balancer of one Service. */
export interface Entry {
  readonly balancer: RunningBalancer;
  /** Absent until everything that was desired came about. */
  readonly desired?: DesiredBalancer;
  readonly addresses: readonly Address[];
  readonly published: Published;
  /** What people should know, one sentence each. */
  readonly problems: readonly string[];
}

export interface ReconcilerParts {
  readonly client: Client;
  readonly site: BalancerSite;
  readonly addresses: ServiceAddresses;
  readonly hostDoors: HostDoors;
  readonly events: ServiceEvents;
  readonly defaults: BalancerSettings;
  /** The nodes to balance over, now. */
  readonly nodes: () => readonly BackendNode[];
}

/** Brings the load balancer of one Service to what the Service says, in the order of Kubernetes' service controller. */
export class ServiceReconciler {
  readonly entries = new Map<string, Entry>();
  /** Gone, but for connections that drain. */
  private readonly retired = new Set<RunningBalancer>();
  private readonly parts: ReconcilerParts;
  private readonly writer: ServiceWriter;

  constructor(parts: ReconcilerParts) {
    this.parts = parts;
    this.writer = new ServiceWriter(parts.client);
  }

  /**
   * Makes or changes the load balancer. Resolves with what holds of it then.
   * @throws Fault when the Service cannot be served as it is; ApiError when it could not be written.
   */
  async ensure(service: Service): Promise<Entry> {
    const { events, hostDoors, addresses: allAddresses, nodes, defaults } = this.parts;
    const key = keyOf(service);
    const { settings, complaints } = readAnnotations(service.metadata.annotations ?? {}, defaults);
    const desired = desiredBalancer(service, settings);
    const isNew = !isDeepStrictEqual(this.entries.get(key)?.desired, desired);
    if (isNew) events.ensuring(service);
    await this.writer.addFinalizer(service);
    requireNodePorts(desired);
    const addresses = allAddresses.take(service, desired);
    const { balancer } = this.entryOf(key, desired);
    const isMoved = balancer.configure(desired, nodes());
    await balancer.listen(addresses);
    const published = await hostDoors.publish(key, desired, addresses);
    await this.writer.setIngress(service, ingressStatus(desired, addresses));
    const warnings = warningsOf({
      complaints,
      unserved: desired.unserved,
      faults: published.faults,
    });
    events.warn(service, warnings);
    if ((isNew || isMoved) && nodes().length === 0) events.noNodes(service);
    if (isNew) events.ensured(service);
    else if (isMoved) events.updated(service);
    const problems = warnings.map(({ message }) => message);
    const entry = { balancer, desired, addresses, published, problems };
    this.entries.set(key, entry);
    return entry;
  }

  /** Takes the load balancer away, and every trace of it in the Service if that is still there. @throws ApiError */
  async remove(key: string, service: Service | undefined): Promise<void> {
    const { events, addresses } = this.parts;
    const wasBalanced = await this.stop(key, service);
    addresses.release(key);
    events.forget(key);
    if (service === undefined || isForeign(service.spec)) return;
    if (!wasBalanced && !hasFinalizer(service)) return;
    if (service.metadata.deletionTimestamp === undefined) await this.writer.setIngress(service, []);
    await this.writer.removeFinalizer(service);
    events.deleted(service);
  }

  /** Ends every load balancer, those that drain included. */
  async close(): Promise<void> {
    for (const key of this.entries.keys()) await this.parts.hostDoors.unpublish(key);
    const balancers = [...this.entries.values()].map(({ balancer }) => balancer);
    this.entries.clear();
    await Promise.all([...balancers, ...this.retired].map((balancer) => balancer.close()));
  }

  /** What is opened from here on is known, so that it can be closed whatever fails. */
  private entryOf(key: string, desired: DesiredBalancer): Entry {
    const existing = this.entries.get(key);
    if (existing !== undefined) return existing;
    const balancer = new RunningBalancer(this.parts.site, desired);
    const made = { balancer, addresses: [], published: { faults: [] }, problems: [] };
    this.entries.set(key, made);
    return made;
  }

  /** Stops listening; open connections drain in the background. True when there was anything to stop. */
  private async stop(key: string, service: Service | undefined): Promise<boolean> {
    const entry = this.entries.get(key);
    const isAnnounced =
      service !== undefined &&
      !isForeign(service.spec) &&
      (entry !== undefined || hasFinalizer(service));
    if (isAnnounced) this.parts.events.deleting(service);
    if (entry === undefined) return false;
    this.entries.delete(key);
    void this.drain(entry.balancer);
    await this.parts.hostDoors.unpublish(key);
    return true;
  }

  private async drain(balancer: RunningBalancer): Promise<void> {
    this.retired.add(balancer);
    await balancer.retire();
    this.retired.delete(balancer);
  }
}

/** @throws Fault `NODE_PORTS_MISSING` when there is nothing that could be served. */
function requireNodePorts({ ports, unserved }: DesiredBalancer): void {
  if (ports.length > 0) return;
  throw new Fault({
    code: 'NODE_PORTS_MISSING',
    message: unserved.map(explainUnserved).join('; ') || 'the Service has no ports',
  });
}
