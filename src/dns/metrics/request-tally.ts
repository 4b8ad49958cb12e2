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
  readonly repetitions: Map<string, RepeatTally>;
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

/** What queries of one type that end alike count for. */
export class RepeatTally {
  private readonly channel: Channel;
  private readonly requests: Counted;
  private readonly responses: Counted;

  constructor(channel: Channel, requests: Counted, responses: Counted) {
    this.channel = channel;
    this.requests = requests;
    this.responses = responses;
  }

  /** Counts one of so many bytes, answered with so many. */
  add(asked: number, answered: number, seconds: number): void {
    const { channel } = this;
    channel.requestSize.observe(asked);
    this.requests.value += 1;
    channel.responseSize.observe(answered);
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

  request(
    peer: Peer,
    { type, bytes }: { readonly type: number; readonly bytes: number },
    block: ServerBlock | undefined,
  ): void {
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

  /** For queries to come of the same kind, with answers of the same kind; counts nothing yet. */
  repetition(
    peer: Peer,
    block: ServerBlock | undefined,
    kind: { readonly type: number } & Pick<Outcome, 'rcode' | 'plugin'>,
  ): RepeatTally {
    const channel = this.channel(peer, block);
    const key = `${kind.type}/${kind.rcode}${kind.plugin}`;
    let repetition = channel.repetitions.get(key);
    if (repetition === undefined) {
      const requests = this.requestsOf(channel, kind.type);
      repetition = new RepeatTally(channel, requests, this.responsesOf(channel, kind));
      channel.repetitions.set(key, repetition);
    }
    return repetition;
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
      repetitions: new Map(),
      requestSize: requestSize.of([SERVER, zone, '', protocol]),
      responseSize: responseSize.of([SERVER, zone, '', protocol]),
      duration: requestDuration.of([SERVER, zone, '']),
    };
  }
}
