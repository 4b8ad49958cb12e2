import { randomInt } from 'node:crypto';
import { messageOf } from '../../fault/index.ts';
import { rcodes, type Message } from '../../dnswire/index.ts';
import type { ForwardSettings } from '../../names/index.ts';
import { parseUpstream, upstreamText } from './address.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

export interface ForwarderOptions extends Pick<UpstreamOptions, 'clock' | 'metrics' | 'guard'> {
  readonly settings: ForwardSettings;
  /** The machine's own resolvers, for `/etc/resolv.conf`. */
  readonly hostServers: readonly string[];
  readonly log: (text: string) => void;
}

/** Why there is no answer from upstream: none gave one, or too many wait already. */
export interface Unanswered {
  readonly rcode: typeof rcodes.SERVFAIL | typeof rcodes.REFUSED;
  readonly reason: string;
}

/** An upstream's answer, or why there is none. */
export type Forwarded =
  | { readonly message: Message; readonly unanswered?: undefined }
  | { readonly unanswered: Unanswered };

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
  async ask(query: Message, protocol: 'udp' | 'tcp' = 'udp'): Promise<Forwarded> {
    const { settings, metrics } = this.options;
    if (this.underWay >= (settings.maxConcurrent === 0 ? MAX_CONCURRENT : settings.maxConcurrent)) {
      metrics.concurrentRejects.add([]);
      const reason = `as many questions as may be are under way already: ${this.underWay}`;
      return { unanswered: { rcode: rcodes.REFUSED, reason } };
    }
    this.underWay += 1;
    try {
      return await this.tryAll(query, protocol);
    } finally {
      this.underWay -= 1;
    }
  }

  close(): void {
    for (const upstream of this.upstreams) upstream.close();
  }

  private async tryAll(query: Message, protocol: 'udp' | 'tcp'): Promise<Forwarded> {
    const { guard, metrics, settings } = this.options;
    const deadline = performance.now() + DEADLINE_MS;
    let reason = 'no upstream is up';
    let last: Message | undefined;
    let tried = 0;
    for (const upstream of this.inOrder()) {
      if (guard.isLooping(upstream.text) || !(await upstream.isUp())) continue;
      if (performance.now() > deadline) break;
      tried += 1;
      try {
        last = await upstream.ask(query, protocol);
        if (!settings.failover.includes(last.rcode)) break;
      } catch (error) {
        reason = messageOf(error);
      }
    }
    if (tried === 0) metrics.healthCheckBroken.add([]);
    if (last !== undefined) return { message: last };
    return { unanswered: { rcode: rcodes.SERVFAIL, reason } };
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
