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

/** How long all tries of one question may take together, as CoreDNS has it. */
const DEADLINE_MS = 5000;
/** How often each upstream is asked while none answers: a datagram may be lost. More silences do not fit the deadline. */
const MAX_ROUNDS = 3;
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
    const { metrics, settings } = this.options;
    const deadline = performance.now() + DEADLINE_MS;
    let reason = 'no upstream is up';
    let last: Message | undefined;
    let tried = 0;
    for await (const upstream of this.candidates(deadline)) {
      tried += 1;
      try {
        last = await upstream.ask(query, protocol, deadline);
        if (!settings.failover.includes(last.rcode)) break;
      } catch (error) {
        reason = messageOf(error);
      }
      // Who failed over has an answer after one round.
      if (last !== undefined && tried >= this.upstreams.length) break;
    }
    if (tried === 0) metrics.healthCheckBroken.add([]);
    if (last !== undefined) return { message: last };
    return { unanswered: { rcode: rcodes.SERVFAIL, reason } };
  }

  /** Those that are up, one after the other and from the beginning again, for as long as there is time. */
  private async *candidates(deadline: number): AsyncGenerator<Upstream> {
    const order = this.inOrder();
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      for (const upstream of order) {
        if (this.options.guard.isLooping(upstream.text) || !(await upstream.isUp())) continue;
        if (performance.now() >= deadline) return;
        yield upstream;
      }
    }
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
