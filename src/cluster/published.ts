import type { Change, InformerSet } from '../client/index.ts';
import type { Clock } from '../clock/index.ts';
import { CoalescingRunner } from '../clock/index.ts';
import { formatAddress } from '../ip/index.ts';
import { serviceKind, type Service } from '../kube/index.ts';
import {
  NodePortBindings,
  type Binding,
  type PublishedNode,
  type Publisher,
} from '../publish/index.ts';
import type { NodePlace } from './network.ts';
import { nodeLoopback } from './loopback.ts';
import type { ClusterRecord } from './record.ts';

export interface PublishingOptions {
  readonly publisher: Publisher;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly record: ClusterRecord;
  readonly nodes: readonly NodePlace[];
  /** More to open, at the addresses of nodes or elsewhere. */
  readonly others: () => readonly Binding[];
  readonly log: (text: string) => void;
}

/** Nodes as the host sees them: at loopback addresses of their own. */
function publishedNodes({ record, nodes }: PublishingOptions): PublishedNode[] {
  return nodes.map(({ addresses }) => {
    const of = (family: 4 | 6): string | undefined => {
      const found = addresses.nodeIPs.find((address) => address.family === family);
      return found === undefined ? undefined : formatAddress(found);
    };
    const v4 = of(4);
    const v6 = of(6);
    return {
      loopback: nodeLoopback(record.index, addresses.ordinal),
      internalIPs: {
        ...(v4 === undefined ? {} : { IPv4: v4 }),
        ...(v6 === undefined ? {} : { IPv6: v6 }),
      },
    };
  });
}

/** Keeps the node ports of all Services open on the host's loopback. */
export class Publishing {
  private readonly options: PublishingOptions;
  private readonly nodePorts: NodePortBindings;
  private readonly runner: CoalescingRunner;
  private failures: readonly string[] = [];

  constructor(options: PublishingOptions) {
    this.options = options;
    this.nodePorts = new NodePortBindings(publishedNodes(options));
    this.runner = new CoalescingRunner({
      clock: options.clock,
      run: () => this.sync(),
      onError: (error) => options.log(`cannot publish node ports: ${String(error)}`),
    });
    options.informers.of(serviceKind).onChange((change) => this.serviceChanged(change));
  }

  private serviceChanged(change: Change<Service>): void {
    const isNews = this.nodePorts.replace(change);
    // What else is to be opened follows load balancers; and what failed may be free by now.
    const isBalancer = [change.previous, change.next].some(
      (service) => service?.spec.type === 'LoadBalancer',
    );
    if (isNews || isBalancer || this.failures.length > 0) this.runner.request();
  }

  private async sync(): Promise<void> {
    const { publisher, others } = this.options;
    const faults = await publisher.sync([...this.nodePorts.list(), ...others()]);
    const failures = faults.map(({ message }) => message);
    for (const failure of failures) {
      if (!this.failures.includes(failure)) this.options.log(failure);
    }
    this.failures = failures;
  }

  /** Ports that could not be opened, each with the reason. */
  get problems(): readonly string[] {
    return this.failures;
  }

  async close(): Promise<void> {
    this.runner.close();
    await this.options.publisher.close();
  }
}
