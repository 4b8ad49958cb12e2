import type { Informer } from '../client/index.ts';
import { messageOf } from '../fault/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { keyOf, type EndpointSlice, type Service } from '../kube/index.ts';
import { Nftables } from '../nft/index.ts';
import { NodeProgrammer, type PlanSettings } from '../plan/index.ts';
import { judgeService, type Capture, type Vantage } from '../services/index.ts';

/** Names the Service that an EndpointSlice belongs to (KEP-752). */
const SERVICE_NAME = 'kubernetes.io/service-name';
/** The index of slices by their Service, shared by all nodes of a process. */
const SERVICE_INDEX = 'service';

export interface ServiceProxyOptions {
  readonly kernel: Kernel;
  /** Pin of the node's network namespace. */
  readonly netns: string;
  readonly vantage: Vantage;
  readonly settings: PlanSettings;
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly log: (text: string) => void;
}

function serviceOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[SERVICE_NAME];
  return name === undefined ? undefined : `${slice.metadata.namespace ?? ''}/${name}`;
}

/** Keeps one node's kernel at what the Services and EndpointSlices say. */
export class ServiceProxy {
  private readonly options: ServiceProxyOptions;
  private readonly programmer: NodeProgrammer;
  private readonly dirty = new Set<string>();
  private isScheduled = false;
  private isClosed = false;

  constructor(options: ServiceProxyOptions) {
    this.options = options;
    const { kernel, netns, settings, log } = options;
    const nftables = new Nftables(kernel.openNetfilterSocket(netns));
    this.programmer = new NodeProgrammer(nftables, settings, ({ cause }) =>
      log(`the rules of ${settings.nodeName} were written anew: ${messageOf(cause)}`),
    );
  }

  /** Programs all Services at once, then follows their changes. @throws NftRefused. */
  async start(): Promise<void> {
    const { services, slices } = this.options;
    slices.indexBy(SERVICE_INDEX, (slice) => [serviceOf(slice) ?? '']);
    await Promise.all([services.synced, slices.synced]);
    this.programmer.start(
      services.list().map((service) => [keyOf(service), this.judge(keyOf(service))]),
    );
    services.onChange(({ previous, next }) => {
      const service = next ?? previous;
      if (service !== undefined) this.mark(keyOf(service));
    });
    slices.onChange(({ previous, next }) => {
      for (const slice of [previous, next]) {
        const service = slice === undefined ? undefined : serviceOf(slice);
        if (service !== undefined) this.mark(service);
      }
    });
  }

  private judge(key: string): readonly Capture[] {
    const { services, slices, vantage } = this.options;
    const service = services.get(key);
    if (service === undefined) return [];
    return judgeService(service, slices.byIndex(SERVICE_INDEX, key), vantage).captures;
  }

  /** A burst of changes becomes one transaction. */
  private mark(service: string): void {
    this.dirty.add(service);
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      try {
        this.flush();
      } catch (error) {
        this.options.log(
          `cannot program the rules of ${this.options.settings.nodeName}: ${messageOf(error)}`,
        );
      }
    });
  }

  /** Programs what is known now; packets see it when this returns. @throws NftRefused. */
  flush(): void {
    this.isScheduled = false;
    if (this.dirty.size === 0 || this.isClosed) return;
    const services = [...this.dirty];
    this.dirty.clear();
    this.programmer.applyAll(services.map((key) => [key, this.judge(key)] as const));
  }

  /** Stops following; the rules stay. */
  close(): void {
    this.isClosed = true;
    this.programmer.close();
  }
}
