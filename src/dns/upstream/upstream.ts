import type { CancelTimer, Clock } from '../../clock/index.ts';
import { rcodeName, recordTypes, type Message } from '../../dnswire/index.ts';
import type { ForwardSettings } from '../../names/index.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';
import { upstreamText, type UpstreamAddress } from './address.ts';
import { Connections } from './connections.ts';
import { exchangeUdp } from './exchange.ts';
import type { LoopGuard } from './loop-guard.ts';
import { upstreamQuery } from './query.ts';

export interface UpstreamOptions {
  readonly address: UpstreamAddress;
  readonly settings: ForwardSettings;
  readonly clock: Clock;
  readonly metrics: DnsMetrics;
  readonly guard: LoopGuard;
}

type Protocol = 'udp' | 'tcp';

/** As long as CoreDNS waits for one answer, and for one probe. */
const READ_TIMEOUT_MS = 2000;
const PROBE_TIMEOUT_MS = 1000;
/** Probes of a server that stays down come ever more rarely, up to this. */
const MAX_PROBE_INTERVAL_MS = 5000;

/**
 * One server to ask, and whether it answers. It is probed before it is used first, and when it failed often enough; while
 * it is down nobody waits for it.
 */
export class Upstream {
  readonly text: string;
  private readonly options: UpstreamOptions;
  private readonly connections: Connections;
  private state: 'unknown' | 'up' | 'down' = 'unknown';
  private failures = 0;
  private intervalMs: number;
  private probing: Promise<void> | undefined;
  private cancelTimer: CancelTimer = () => undefined;
  private isClosed = false;

  constructor(options: UpstreamOptions) {
    this.options = options;
    this.text = upstreamText(options.address);
    this.connections = new Connections({ ...options, to: options.address });
    this.intervalMs = options.settings.healthCheckMs;
    this.probing = this.probe();
    void this.seekLoop();
  }

  /** Whether it is worth asking; waits for the first probe. */
  async isUp(): Promise<boolean> {
    if (this.state === 'unknown') await this.probing;
    return this.state !== 'down';
  }

  /**
   * Asks, as the client did where the settings do not say otherwise. @throws Fault `UPSTREAM_TIMEOUT`, or the socket's
   * error; both count as a failure.
   */
  async ask(query: Message, protocol: Protocol): Promise<Message> {
    const { settings, metrics } = this.options;
    const start = performance.now();
    metrics.forwardRequests.add([this.text]);
    try {
      const over = protocol === 'tcp' && !settings.prefersUdp ? 'tcp' : 'udp';
      const answer = await this.exchange(query, READ_TIMEOUT_MS, over);
      const labels = [this.text, rcodeName(answer.rcode)];
      metrics.forwardResponses.add(labels);
      metrics.forwardDuration.observe(labels, (performance.now() - start) / 1000);
      this.succeed();
      return answer;
    } catch (error) {
      this.fail();
      throw error;
    }
  }

  close(): void {
    this.isClosed = true;
    this.cancelTimer();
    this.connections.close();
  }

  /** Over TLS where the address says so; what does not fit UDP is fetched over TCP. */
  private async exchange(
    query: Message,
    timeoutMs: number,
    over: Protocol = 'udp',
  ): Promise<Message> {
    const { address: to, settings } = this.options;
    if (to.isSecure || settings.forcesTcp || over === 'tcp') {
      return this.connections.ask(query, timeoutMs);
    }
    const answer = await exchangeUdp({ to, query, timeoutMs });
    return answer.isTruncated ? this.connections.ask(query, timeoutMs) : answer;
  }

  private succeed(): void {
    this.state = 'up';
    this.failures = 0;
    this.intervalMs = this.options.settings.healthCheckMs;
  }

  private fail(): void {
    const { maxFails } = this.options.settings;
    this.failures += 1;
    if (maxFails > 0 && this.failures >= maxFails) this.goDown();
  }

  private goDown(): void {
    if (this.state === 'down' || this.isClosed) return;
    this.state = 'down';
    this.schedule();
  }

  private schedule(): void {
    this.cancelTimer = this.options.clock.setTimer(this.intervalMs, () => {
      this.probing = this.probe();
    });
    this.intervalMs = Math.min(this.intervalMs * 2, MAX_PROBE_INTERVAL_MS);
  }

  /** Asks what would come back to us if this server forwarded to us; the answer itself tells nothing. */
  private async seekLoop(): Promise<void> {
    const { name, type } = this.options.guard.probeFor(this.text);
    try {
      await this.exchange(upstreamQuery(name, type), READ_TIMEOUT_MS);
    } catch {
      // A server that does not answer cannot lead back here.
    }
  }

  /** Any answer will do: what is asked is who serves the root, or the domain of the settings. */
  private async probe(): Promise<void> {
    const { settings, metrics } = this.options;
    const { domain, isRecursive } = settings.healthCheck;
    const query = upstreamQuery(domain, recordTypes.NS, { isRecursive });
    try {
      await this.exchange(query, PROBE_TIMEOUT_MS);
      this.succeed();
    } catch {
      metrics.healthCheckFailures.add([this.text]);
      if (settings.maxFails === 0) this.state = 'up';
      else if (this.state === 'down' && !this.isClosed) this.schedule();
      else this.goDown();
    }
  }
}
