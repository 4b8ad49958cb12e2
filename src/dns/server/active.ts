import type { Clock } from '../../clock/index.ts';
import {
  createNameJudge,
  type ForwardSettings,
  type NameJudge,
  type NamesConfig,
  type ServerBlock,
} from '../../names/index.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';
import { AnswerCache } from '../upstream/answer-cache.ts';
import { Forwarder } from '../upstream/forwarder.ts';
import type { LoopGuard } from '../upstream/loop-guard.ts';
import { ErrorsLog } from './errors-log.ts';

export interface ActiveOptions {
  readonly clock: Clock;
  readonly metrics: DnsMetrics;
  readonly guard: LoopGuard;
  /** The machine's own resolvers. */
  readonly hostServers: readonly string[];
  /** For what is wrong with the servers. */
  readonly log: (text: string) => void;
  /** For failures of queries, which the `errors` directive asks for. */
  readonly errorLog: (text: string) => void;
}

/** One configuration at work: the judgement, and the upstreams and caches it asks for. */
export class Active {
  readonly judge: NameJudge;
  private readonly forwarders = new Map<ForwardSettings, Forwarder>();
  private readonly caches = new Map<ServerBlock, AnswerCache>();
  private readonly errorLogs = new Map<ServerBlock, ErrorsLog>();

  constructor(config: NamesConfig, options: ActiveOptions) {
    this.judge = createNameJudge(config);
    for (const block of config.blocks) {
      if (block.errors !== undefined) {
        const { clock, errorLog } = options;
        this.errorLogs.set(block, new ErrorsLog(block.errors, clock, errorLog));
      }
      if (block.cache !== undefined) {
        this.caches.set(block, new AnswerCache(block.cache, options.clock));
      }
      for (const settings of block.forwards) {
        this.forwarders.set(settings, new Forwarder({ ...options, settings }));
      }
    }
  }

  forwarder(settings: ForwardSettings): Forwarder | undefined {
    return this.forwarders.get(settings);
  }

  cache(block: ServerBlock): AnswerCache | undefined {
    return this.caches.get(block);
  }

  errorLog(block: ServerBlock): ErrorsLog | undefined {
    return this.errorLogs.get(block);
  }

  close(): void {
    for (const errorLog of this.errorLogs.values()) errorLog.close();
    for (const forwarder of this.forwarders.values()) forwarder.close();
  }
}
