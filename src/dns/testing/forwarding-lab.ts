import assert from 'node:assert/strict';
import { FakeClock } from '../../clock/index.ts';
import { encodeMessage, type Message } from '../../dnswire/index.ts';
import { decoded } from '../../dnswire/testing/messages.ts';
import { corefileErrorText, readCorefile } from '../../names/index.ts';
import { createDnsMetrics } from '../metrics/dns-metrics.ts';
import { Active } from '../server/active.ts';
import { DnsEngine } from '../server/engine.ts';
import type { Peer } from '../server/peer.ts';
import { LoopGuard } from '../upstream/loop-guard.ts';
import { worldOf } from './engine.ts';
import { startUpstream, type FakeUpstream, type Script, type UpstreamTls } from './upstream.ts';

export const peer = { address: '10.244.0.7', port: 4000, protocol: 'udp' } as const;

export interface ForwardingSetting {
  readonly corefile: string;
  /** What the Corefile may name, by path. */
  readonly files?: ReadonlyMap<string, string>;
  readonly hostServers?: readonly string[];
  /** The server's own addresses. */
  readonly own?: readonly string[];
}

/** An engine under a Corefile, and what it says. */
export interface TestEngine {
  readonly engine: DnsEngine;
  readonly clock: FakeClock;
  /** All lines: errors, queries, trouble. */
  readonly lines: string[];
  readonly metricsText: () => string;
  readonly ask: (query: Message, protocol?: Peer['protocol']) => Promise<Message>;
}

/** What one test starts, ended in the opposite order. */
export class ForwardingLab {
  private readonly cleanups: (() => unknown)[] = [];

  async close(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
  }

  onClose(cleanup: () => unknown): void {
    this.cleanups.push(cleanup);
  }

  async upstream(script: Script, tls?: UpstreamTls): Promise<FakeUpstream> {
    const upstream = await startUpstream(script, tls);
    this.onClose(() => upstream.close());
    return upstream;
  }

  /** An engine over a cluster with one ExternalName Service, `shop/outside`, that means `a.example.`. */
  engine({ corefile, files, hostServers = [], own = [] }: ForwardingSetting): TestEngine {
    const clock = new FakeClock();
    const metrics = createDnsMetrics();
    const lines: string[] = [];
    const log = (text: string): void => void lines.push(text);
    const guard = new LoopGuard(own, log);
    const read = readCorefile(corefile, files);
    assert.ok(read.ok, read.ok ? '' : read.errors.map(corefileErrorText).join('\n'));
    const options = { clock, metrics, guard, hostServers, log, errorLog: log };
    const active = new Active(read.config, options);
    this.onClose(() => active.close());
    const services = {
      'shop/outside': { type: 'ExternalName' as const, externalName: 'a.example.' },
    };
    const world = worldOf({ services });
    const common = { active, metrics, guard, log };
    const engine = new DnsEngine({ ...common, world: () => world, queryLog: log });
    const ask: TestEngine['ask'] = async (query, protocol = 'udp') => {
      const bytes = await engine.handle(encodeMessage(query), { ...peer, protocol });
      return decoded(bytes ?? Buffer.alloc(0));
    };
    return { engine, clock, lines, metricsText: () => metrics.registry.text(), ask };
  }
}
