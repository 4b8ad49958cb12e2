import { randomInt } from 'node:crypto';
import { messageOf } from '../../fault/index.ts';
import type { Message } from '../../dnswire/index.ts';
import type { ForwardSettings } from '../../names/index.ts';
import { parseUpstream, upstreamText } from './address.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

export interface ForwarderOptions extends Pick<UpstreamOptions, 'clock' | 'metrics' | 'guard'> {
  readonly settings: ForwardSettings;
  /** The machine's own resolvers, for `/etc/resolv.conf`. */
  readonly hostServers: readonly string[];
  readonly log: (text: string) => void;
}

/** An upstream's answer; or that there is none, or that too many wait already. */
export type Forwarded = Message | 'failed' | 'refused';

/** Tries of one question, and how long all of them may take together, as CoreDNS has it. */
const DEADLINE_MS = 5000;
/** Questions under way where the Corefile sets no bound. */
const MAX_CONCURRENT = 4096;

/** Asks the upstreams of one `forward` directive. */
export class Forwarder {
  private readonly options: ForwarderOptions;
  private readonly upstreams: readonly Upstream[];
  private underWay = 0;
  private turn = 0;

  constructor(options: ForwarderOptions) {
    this.options = options;
    const { settings, hostServers, guard, log } = options;
    const texts = settings.to.flatMap((to) => (to.startsWith('/') ? hostServers : [to]));
    this.upstreams = texts.flatMap((text) => {
      const address = parseUpstream(text);
      if (address === undefined) return [];
      if (guard.isOwn(address.address)) {
        log(`dns: ${upstreamText(address)} is this server itself: nothing is forwarded to it`);
        return [];
      }
      return [new Upstream({ ...options, address })];
    });
  }

  /** Asks one upstream after the other until one answers. Never throws; says at once when all are down. */
  async ask(query: Message): Promise<Forwarded> {
    const { settings, metrics } = this.options;
    if (this.underWay >= (settings.maxConcurrent === 0 ? MAX_CONCURRENT : settings.maxConcurrent)) {
      metrics.concurrentRejects.add([]);
      return 'refused';
    }
    this.underWay += 1;
    try {
      return await this.tryAll(query);
    } finally {
      this.underWay -= 1;
    }
  }

  close(): void {
    for (const upstream of this.upstreams) upstream.close();
  }

  private async tryAll(query: Message): Promise<Forwarded> {
    const { guard, metrics, log } = this.options;
    const deadline = performance.now() + DEADLINE_MS;
    let tried = 0;
    for (const upstream of this.inOrder()) {
      if (guard.isLooping(upstream.text) || !(await upstream.isUp())) continue;
      if (performance.now() > deadline) break;
      tried += 1;
      try {
        return await upstream.ask(query);
      } catch (error) {
        log(`dns: ${query.questions[0]?.name ?? ''}: ${messageOf(error)}`);
      }
    }
    if (tried === 0) metrics.healthCheckBroken.add([]);
    return 'failed';
  }

  /** The upstreams in the order in which they are tried. */
  private inOrder(): Upstream[] {
    const { length } = this.upstreams;
    if (length < 2) return [...this.upstreams];
    const { policy } = this.options.settings;
    this.turn += 1;
    const first = { sequential: 0, round_robin: this.turn % length, random: randomInt(length) }[
      policy
    ];
    return [...this.upstreams.slice(first), ...this.upstreams.slice(0, first)];
  }
}
