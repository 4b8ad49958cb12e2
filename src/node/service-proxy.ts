import { messageOf } from '../fault/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { Nftables } from '../nft/index.ts';
import { NodeProgrammer, type PlanSettings } from '../plan/index.ts';
import { judgeService, type Capture, type Vantage } from '../services/index.ts';
import type { ClusterView } from '../snapshot/index.ts';

export interface ServiceProxyOptions {
  readonly kernel: Kernel;
  /** Pin of the node's network namespace. */
  readonly netns: string;
  readonly vantage: Vantage;
  readonly settings: PlanSettings;
  readonly view: ClusterView;
  readonly log: (text: string) => void;
}

/** Keeps one node's kernel at what the Services and EndpointSlices say. */
export class ServiceProxy {
  private readonly options: ServiceProxyOptions;
  private readonly programmer: NodeProgrammer;
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
    const { view } = this.options;
    await view.synced;
    this.programmer.start(this.judge(view.snapshot().services.keys()));
    view.onServices((keys) => this.program(keys));
  }

  private judge(keys: Iterable<string>): [string, readonly Capture[]][] {
    const { view, vantage } = this.options;
    const { services, slices } = view.snapshot();
    return [...keys].map((key) => {
      const service = services.get(key);
      if (service === undefined) return [key, []];
      return [key, judgeService(service, slices.get(key) ?? [], vantage).captures];
    });
  }

  /** One transaction; packets see it when this returns. */
  private program(keys: Iterable<string>): void {
    if (this.isClosed) return;
    try {
      this.programmer.applyAll(this.judge(keys));
    } catch (error) {
      const { settings, log } = this.options;
      log(`cannot program the rules of ${settings.nodeName}: ${messageOf(error)}`);
    }
  }

  /** Stops following; the rules stay. */
  close(): void {
    this.isClosed = true;
    this.programmer.close();
  }
}
