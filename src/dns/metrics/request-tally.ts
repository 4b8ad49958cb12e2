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

/** A query as it is counted. */
export interface Asked {
  readonly type: number;
  readonly bytes: number;
}

/** How one query ended. */
export interface Outcome {
  readonly rcode: number;
  readonly plugin: string;
  readonly bytes: number;
  readonly seconds: number;
}

/** What one query and its answer count for, for as often as both come again. */
export class RepeatTally {
  private readonly channel: Channel;
  private readonly requests: Counted;
  private readonly responses: Counted;
  private readonly bytes: { readonly asked: number; readonly answered: number };

  constructor(
    channel: Channel,
    counted: { readonly requests: Counted; readonly responses: Counted },
    bytes: { readonly asked: number; readonly answered: number },
  ) {
    this.channel = channel;
    this.requests = counted.requests;
    this.responses = counted.responses;
    this.bytes = bytes;
  }

  /** Counts both once more. */
  add(seconds: number): void {
    const { channel, bytes } = this;
    channel.requestSize.observe(bytes.asked);
    this.requests.value += 1;
    channel.responseSize.observe(bytes.answered);
    channel.duration.observe(seconds);
    this.responses.value += 1;
  }
}

/** Counts queries: keeps the numbers that each of them changes at hand, as finding them costs more than changing them. */
export class RequestTally {
  private readonly metrics: DnsMetrics;
  private readonly channels = new Map<ServerBlock | undefined, (Channel | undefined)[]>();

  constructor(metrics: DnsMetrics) {
    this.metrics = metrics;
  }

  request(peer: Peer, { type, bytes }: Asked, block: ServerBlock | undefined): void {
    const channel = this.channel(peer, block);
    channel.requestSize.observe(bytes);
    this.requestsOf(channel, type).value += 1;
  }

  response(peer: Peer, outcome: Outcome, block: ServerBlock | undefined): void {
    const channel = this.channel(peer, block);
    channel.responseSize.observe(outcome.bytes);
    channel.duration.observe(outcome.seconds);
    this.responsesOf(channel, outcome).value += 1;
  }

  /** For the next time that this client asks the same and is answered the same; counts nothing yet. */
  repetition(
    peer: Peer,
    block: ServerBlock | undefined,
    { asked, answered }: { readonly asked: Asked; readonly answered: Omit<Outcome, 'seconds'> },
  ): RepeatTally {
    const channel = this.channel(peer, block);
    const requests = this.requestsOf(channel, asked.type);
    const responses = this.responsesOf(channel, answered);
    const bytes = { asked: asked.bytes, answered: answered.bytes };
    return new RepeatTally(channel, { requests, responses }, bytes);
  }

  private requestsOf({ requests, zone, protocol, family }: Channel, type: number): Counted {
    let counted = requests.get(type);
    if (counted === undefined) {
      const name = typeName(type);
      const known = name.startsWith('TYPE') ? 'other' : name;
      counted = this.metrics.requests.of([SERVER, zone, '', protocol, family, known]);
      requests.set(type, counted);
    }
    return counted;
  }

  private responsesOf(
    { responses, zone }: Channel,
    { rcode, plugin }: Pick<Outcome, 'rcode' | 'plugin'>,
  ): Counted {
    const key = `${rcode}${plugin}`;
    let counted = responses.get(key);
    if (counted === undefined) {
      counted = this.metrics.responses.of([SERVER, zone, '', rcodeName(rcode), plugin]);
      responses.set(key, counted);
    }
    return counted;
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
