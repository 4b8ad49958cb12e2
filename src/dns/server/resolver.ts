import { rcodes, type Message } from '../../dnswire/index.ts';
import {
  completeReply,
  emptyReply,
  isFinal,
  type NameReply,
  type NameVerdict,
  type ServerBlock,
  type UpstreamQuestion,
} from '../../names/index.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';
import { SERVER } from '../metrics/request-tally.ts';
import type { Forwarded } from '../upstream/forwarder.ts';
import { upstreamQuery } from '../upstream/query.ts';
import type { Active } from './active.ts';

/** What of the client's query its upstream question keeps. */
export interface Wants {
  readonly isDnssecOk: boolean;
  readonly isCheckingDisabled: boolean;
}

type ForwardVerdict = Extract<NameVerdict, { action: 'forward' }>;

function replyOf(forwarded: Forwarded): NameReply {
  if (forwarded === 'failed') return emptyReply(rcodes.SERVFAIL);
  if (forwarded === 'refused') return emptyReply(rcodes.REFUSED);
  const { rcode, answers, authorities, additionals } = forwarded;
  return { rcode, isAuthoritative: false, answers, authorities, additionals };
}

/** Carries out verdicts that ask others: through the cache, each question at most once at a time. */
export class Resolver {
  private readonly active: Active;
  private readonly metrics: DnsMetrics;
  /** One question waits for one answer, however many ask it: a question that comes back in a loop waits for itself. */
  private readonly underWay = new Map<string, Promise<Forwarded>>();

  constructor(active: Active, metrics: DnsMetrics) {
    this.active = active;
    this.metrics = metrics;
  }

  /** Tries the attempts in turn. Never throws. */
  async resolve(verdict: ForwardVerdict, wants: Wants, block: ServerBlock): Promise<NameReply> {
    let last = emptyReply(rcodes.SERVFAIL);
    for (const attempt of verdict.attempts) {
      last =
        attempt.kind === 'known'
          ? attempt.reply
          : completeReply(attempt, replyOf(await this.ask(attempt, wants, block)));
      if (isFinal(last)) {
        if (verdict.attempts.length > 1) this.metrics.autopathSuccesses.add([SERVER]);
        return last;
      }
    }
    return verdict.otherwise ?? last;
  }

  private async ask(
    question: UpstreamQuestion,
    wants: Wants,
    block: ServerBlock,
  ): Promise<Forwarded> {
    const key = [
      question.name.toLowerCase(),
      question.type,
      wants.isDnssecOk,
      wants.isCheckingDisabled,
    ].join(' ');
    const cached = this.fromCache(key, block);
    if (cached !== undefined) return cached;
    const waiting = `${question.forward.to.join(' ')} ${key}`;
    const known = this.underWay.get(waiting);
    if (known !== undefined) return known;
    const asked = this.askUpstream(question, wants, { key, block });
    this.underWay.set(waiting, asked);
    try {
      return await asked;
    } finally {
      this.underWay.delete(waiting);
    }
  }

  private async askUpstream(
    { forward, name, type }: UpstreamQuestion,
    wants: Wants,
    { key, block }: { readonly key: string; readonly block: ServerBlock },
  ): Promise<Forwarded> {
    const answer = await this.active.forwarder(forward)?.ask(upstreamQuery(name, type, wants));
    const cache = this.active.cache(block);
    if (cache !== undefined && typeof answer === 'object') {
      cache.put(key, answer);
      for (const kind of ['success', 'denial'] as const) {
        this.metrics.cacheEntries.set([SERVER, kind, block.zones[0] ?? '', ''], cache.size(kind));
      }
    }
    return answer ?? 'failed';
  }

  private fromCache(key: string, block: ServerBlock): Message | undefined {
    const cache = this.active.cache(block);
    if (cache === undefined) return undefined;
    const zone = block.zones[0] ?? '';
    const labels = [SERVER, zone, ''];
    this.metrics.cacheRequests.add(labels);
    const hit = cache.get(key);
    if (hit === undefined) this.metrics.cacheMisses.add(labels);
    else this.metrics.cacheHits.add([SERVER, hit.kind, zone, '']);
    return hit?.message;
  }
}
