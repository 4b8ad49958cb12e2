import { rcodeName, typeName } from '../../dnswire/index.ts';
import type { ServerBlock } from '../../names/index.ts';
import type { Peer } from '../server/peer.ts';
import type { DnsMetrics } from './dns-metrics.ts';
import type { Distribution } from '../../metrics/index.ts';

/** CoreDNS's name of the one server there is. */
export const SERVER = 'dns://:53';

interface Counted {
  value: number;
}

/** What the metrics of one server block, protocol and family need again and again. */
interface Channel {
  readonly zone: string;
  readonly protocol: Peer['protocol'];
  readonly family: 1 | 2;
  readonly requests: Map<number, Counted>;
  readonly responses: Map<string, Counted>;
  readonly requestSize: Distribution;
  readonly responseSize: Distribution;
  readonly duration: Distribution;
}

/** How one query ended. */
export interface Outcome {
  readonly rcode: number;
  readonly plugin: string;
  readonly bytes: number;
  readonly seconds: number;
}

/** Counts queries: keeps the numbers that each of them changes at hand, as finding them costs more than changing them. */
export class RequestTally {
  private readonly metrics: DnsMetrics;
  private readonly channels = new Map<ServerBlock | undefined, (Channel | undefined)[]>();

  constructor(metrics: DnsMetrics) {
    this.metrics = metrics;
  }

  request(
    peer: Peer,
    { type, bytes }: { readonly type: number; readonly bytes: number },
    block: ServerBlock | undefined,
  ): void {
    const channel = this.channel(peer, block);
    channel.requestSize.observe(bytes);
    let counted = channel.requests.get(type);
    if (counted === undefined) {
      const { zone, protocol, family } = channel;
      const name = typeName(type);
      const known = name.startsWith('TYPE') ? 'other' : name;
      counted = this.metrics.requests.of([SERVER, zone, '', protocol, family, known]);
      channel.requests.set(type, counted);
    }
    counted.value += 1;
  }

  response(peer: Peer, outcome: Outcome, block: ServerBlock | undefined): void {
    const channel = this.channel(peer, block);
    const { rcode, plugin, bytes, seconds } = outcome;
    channel.responseSize.observe(bytes);
    channel.duration.observe(seconds);
    const key = `${rcode}${plugin}`;
    let counted = channel.responses.get(key);
    if (counted === undefined) {
      counted = this.metrics.responses.of([SERVER, channel.zone, '', rcodeName(rcode), plugin]);
      channel.responses.set(key, counted);
    }
    counted.value += 1;
  }

  private channel({ address, protocol }: Peer, block: ServerBlock | undefined): Channel {
    const family = address.includes(':') ? 2 : 1;
    const index = family * 2 + (protocol === 'udp' ? 0 : 1);
    let ofBlock = this.channels.get(block);
    if (ofBlock === undefined) {
      ofBlock = [];
      this.channels.set(block, ofBlock);
    }
    ofBlock[index] ??= this.open(block?.zones[0] ?? 'dropped', protocol, family);
    return ofBlock[index];
  }

  private open(zone: string, protocol: Peer['protocol'], family: 1 | 2): Channel {
    const { requestSize, responseSize, requestDuration } = this.metrics;
    return {
      zone,
      protocol,
      family,
      requests: new Map(),
      responses: new Map(),
      requestSize: requestSize.of([SERVER, zone, '', protocol]),
      responseSize: responseSize.of([SERVER, zone, '', protocol]),
      duration: requestDuration.of([SERVER, zone, '']),
    };
  }
}
