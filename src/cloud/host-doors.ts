import { Fault } from '../fault/index.ts';
import { formatAddress, type Address } from '../ip/index.ts';
import {
  formatAddress as formatSocketAddress,
  type Binding,
  type Publisher,
} from '../publish/index.ts';
import type { DesiredBalancer } from './desired-balancer.ts';
import { HostAddresses } from './host-addresses.ts';

/** How the host reaches a load balancer. */
export interface Published {
  /** `127.19.0.1`; absent when it is not published. */
  readonly address?: string;
  /** Ports that could not be opened. */
  readonly faults: readonly Fault[];
}

const unpublished: Published = { faults: [] };

/** Publishes load balancers on the host's loopback, each at its own address with the Service's own ports. */
export class HostDoors {
  private readonly publisher: Publisher;
  private readonly addresses: HostAddresses;
  private readonly bindings = new Map<string, readonly Binding[]>();

  constructor(publisher: Publisher, clusterIndex: number) {
    this.publisher = publisher;
    this.addresses = new HostAddresses(clusterIndex);
  }

  /** Publishes what is desired of the Service, at its first external address, and nothing else of it. */
  async publish(
    service: string,
    desired: DesiredBalancer,
    [external]: readonly Address[],
  ): Promise<Published> {
    if (external === undefined || desired.settings.isInternal) {
      await this.unpublish(service);
      return unpublished;
    }
    const address = this.addresses.take(service, external);
    if (address === undefined) return { faults: [noAddressLeft(service)] };
    const target = formatAddress(external);
    const wanted = desired.ports.map(({ protocol, port }): Binding => {
      return { listen: { address, port }, target: { address: target, port }, protocol };
    });
    await this.close(service, new Set(wanted.map(bindingKey)));
    this.bindings.set(service, wanted);
    const results = await Promise.all(wanted.map((binding) => this.open(binding)));
    return { address, faults: results.filter((fault) => fault !== undefined) };
  }

  async unpublish(service: string): Promise<void> {
    await this.close(service, new Set());
    this.bindings.delete(service);
    this.addresses.release(service);
  }

  private async close(service: string, kept: ReadonlySet<string>): Promise<void> {
    for (const binding of this.bindings.get(service) ?? []) {
      if (!kept.has(bindingKey(binding))) await this.publisher.unpublish(binding);
    }
  }

  private async open(binding: Binding): Promise<Fault | undefined> {
    try {
      await this.publisher.publish(binding);
      return undefined;
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }
}

/** The target is no part of it: a publisher replaces that in place. */
function bindingKey({ listen, protocol }: Binding): string {
  return `${protocol} ${formatSocketAddress(listen)}`;
}

function noAddressLeft(service: string): Fault {
  return new Fault({
    code: 'PUBLISH_ADDRESSES_EXHAUSTED',
    message: `no loopback address is left for Service ${service}: 254 load balancers have one each`,
    advice: 'Delete Services of type LoadBalancer, or annotate some as internal.',
  });
}
