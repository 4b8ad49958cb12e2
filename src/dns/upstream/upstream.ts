import type { CancelTimer, Clock } from '../../clock/index.ts';
import { rcodeName, rcodes, recordTypes, type Message } from '../../dnswire/index.ts';
import type { ForwardSettings } from '../../names/index.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';
import { upstreamText, type UpstreamAddress } from './address.ts';
import { Connections } from './connections.ts';
import { exchangeUdp } from './exchange.ts';
import type { LoopGuard } from './loop-guard.ts';
import { upstreamQuery, withoutEdns } from './query.ts';

export interface UpstreamOptions {
  readonly address: UpstreamAddress;
  readonly settings: ForwardSettings;
  readonly clock: Clock;
  readonly metrics: DnsMetrics;
  readonly guard: LoopGuard;
}

type Protocol = 'udp' | 'tcp';

/** How many milliseconds an answer may still take. */
type TimeLeft = () => number;

/** As long as CoreDNS waits for one answer, and for one probe. */
const READ_TIMEOUT_MS = 2000;
const PROBE_TIMEOUT_MS = 1000;
/** Probes of a server that stays down come ever more rarely, up to this. */
const MAX_PROBE_INTERVAL_MS = 5000;

/**
 * One server to ask, and whether it answers. It is probed before it is used first, and when a question to it failed; after
 * `max_fails` failed probes in a row - or the very first - it is down until one is answered, and nobody waits for it. Failed
 * questions do not count: one name that its own servers do not answer for would take the upstream away from all others.
 */
export class Upstream {
  readonly text: string;
  private readonly options: UpstreamOptions;
  private readonly connections: Connections;
  private state: 'unknown' | 'up' | 'down' = 'unknown';
  /** Probes in a row that failed. */
  private failures = 0;
  private intervalMs: number;
  /** Whether there is a probe under way or to come. */
  private isProbing = true;
  private readonly firstProbe: Promise<void>;
  private cancelTimer: CancelTimer = () => undefined;
  private isClosed = false;

  constructor(options: UpstreamOptions) {
    this.options = options;
    this.text = upstreamText(options.address);
    this.connections = new Connections({ ...options, to: options.address });
    this.intervalMs = options.settings.healthCheckMs;
    this.firstProbe = this.probe();
    void this.seekLoop();
  }

  /** Whether it is worth asking; waits for the first probe. */
  async isUp(): Promise<boolean> {
    if (this.state === 'unknown') await this.firstProbe;
    return this.state !== 'down';
  }

  /**
   * Asks, as the client did where the settings do not say otherwise, and waits until `deadline` (of `performance.now()`) at
   * most. @throws Fault `UPSTREAM_TIMEOUT`, `UPSTREAM_CLOSED`, or the socket's error; then the server is probed.
   */
  async ask(query: Message, protocol: Protocol, deadline: number): Promise<Message> {
    const { settings, metrics } = this.options;
    const start = performance.now();
    metrics.forwardRequests.add([this.text]);
    try {
      const over = protocol === 'tcp' && !settings.prefersUdp ? 'tcp' : 'udp';
      const timeLeft = (): number => Math.min(READ_TIMEOUT_MS, deadline - performance.now());
      const answer = await this.exchange(query, timeLeft, over);
      const labels = [this.text, rcodeName(answer.rcode)];
      metrics.forwardResponses.add(labels);
      metrics.forwardDuration.observe(labels, (performance.now() - start) / 1000);
      return answer;
    } catch (error) {
      this.doubt();
      throw error;
    }
  }

  close(): void {
    this.isClosed = true;
    this.cancelTimer();
    this.connections.close();
  }

  /** Asks again without EDNS where that is what the server does not understand (RFC 6891 section 7). */
  private async exchange(
    query: Message,
    timeLeft: TimeLeft,
    over: Protocol = 'udp',
  ): Promise<Message> {
    const answer = await this.exchangeOnce(query, timeLeft, over);
    const isConfused = answer.rcode === rcodes.FORMERR || answer.rcode === rcodes.NOTIMP;
    if (!isConfused || answer.edns !== undefined || query.edns === undefined) return answer;
    return this.exchangeOnce(withoutEdns(query), timeLeft, over);
  }

  /** Over TLS where the address says so; what does not fit UDP is fetched over TCP. */
  private async exchangeOnce(query: Message, timeLeft: TimeLeft, over: Protocol): Promise<Message> {
    const { address: to, settings } = this.options;
    if (to.isSecure || settings.forcesTcp || over === 'tcp') {
      return this.connections.ask(query, timeLeft);
    }
    const answer = await exchangeUdp({ to, query, timeoutMs: timeLeft() });
    return answer.isTruncated ? this.connections.ask(query, timeLeft) : answer;
  }

  /** A question failed: a probe tells whether the server did. */
  private doubt(): void {
    if (this.isProbing || this.isClosed || this.options.settings.maxFails === 0) return;
    this.isProbing = true;
    void this.probe();
  }

  private recover(): void {
    // The machine may be in another network than when it was looked for last.
    if (this.state === 'down') void this.seekLoop();
    this.state = 'up';
    this.failures = 0;
    this.intervalMs = this.options.settings.healthCheckMs;
    this.isProbing = false;
  }

  private suspect(): void {
    const { settings, metrics } = this.options;
    metrics.healthCheckFailures.add([this.text]);
    this.failures += 1;
    if (settings.maxFails === 0) {
      this.state = 'up';
      this.isProbing = false;
      return;
    }
    if (this.state === 'unknown' || this.failures >= settings.maxFails) this.state = 'down';
    if (!this.isClosed) this.schedule();
  }

  private schedule(): void {
    this.cancelTimer = this.options.clock.setTimer(this.intervalMs, () => {
      void this.probe();
    });
    this.intervalMs = Math.min(this.intervalMs * 2, MAX_PROBE_INTERVAL_MS);
  }

  /** Asks what would come back to us if this server forwarded to us; the answer itself tells nothing. */
  private async seekLoop(): Promise<void> {
    const { name, type } = this.options.guard.probeFor(this.text);
    try {
      await this.exchange(upstreamQuery(name, type), () => READ_TIMEOUT_MS);
    } catch {
      // A server that does not answer cannot lead back here.
    }
  }

  /** Any answer will do: what is asked is who serves the root, or the domain of the settings. */
  private async probe(): Promise<void> {
    const { domain, isRecursive } = this.options.settings.healthCheck;
    const query = upstreamQuery(domain, recordTypes.NS, { isRecursive });
    try {
      await this.exchange(query, () => PROBE_TIMEOUT_MS);
    } catch {
      this.suspect();
      return;
    }
    this.recover();
  }
}
