import { FakeClock } from '../../clock/index.ts';
import { decoded } from '../../dnswire/testing/messages.ts';
import { encodeMessage, type Message } from '../../dnswire/index.ts';
import { readCorefile, type NameWorld } from '../../names/index.ts';
import { snapshotOf, type ClusterSketch } from '../../names/testing/cluster.ts';
import { createDnsMetrics } from '../metrics/dns-metrics.ts';
import { Active } from '../server/active.ts';
import { DnsEngine } from '../server/engine.ts';
import type { Peer } from '../server/peer.ts';
import { LoopGuard } from '../upstream/loop-guard.ts';

/** A state of the cluster, in a few words. */
export function worldOf(sketch: ClusterSketch): NameWorld {
  return {
    snapshot: snapshotOf(sketch),
    isSynced: true,
    serial: 1,
    hostSearch: [],
    serverAddresses: [],
  };
}

/** An engine without sockets, in a world that tests change. */
export class EngineLab {
  world: NameWorld;
  /** Of the query log. */
  readonly lines: string[] = [];
  readonly metrics = createDnsMetrics();
  readonly engine: DnsEngine;
  private readonly guard = new LoopGuard([], (text) => this.lines.push(text));

  constructor(corefile: string, sketch: ClusterSketch) {
    this.world = worldOf(sketch);
    const log = (): void => undefined;
    this.engine = new DnsEngine({
      active: this.active(corefile),
      world: () => this.world,
      metrics: this.metrics,
      guard: this.guard,
      log,
      queryLog: (text) => this.lines.push(text),
    });
  }

  /** Puts another configuration to work. */
  configure(corefile: string): void {
    this.engine.use(this.active(corefile));
  }

  /** The response to a query that is answered in the same turn. */
  ask(query: Message, peer: Peer): Message {
    const response = this.engine.handle(encodeMessage(query), peer);
    if (!Buffer.isBuffer(response)) throw new TypeError('there is no answer yet');
    return decoded(response);
  }

  private active(corefile: string): Active {
    const read = readCorefile(corefile);
    if (!read.ok) throw new TypeError('the Corefile is refused');
    const log = (): void => undefined;
    const { metrics, guard } = this;
    return new Active(read.config, {
      clock: new FakeClock(),
      metrics,
      guard,
      hostServers: [],
      log,
      errorLog: log,
    });
  }
}
