import { rcodes, type Message } from '../../dnswire/index.ts';
import {
  completeReply,
  emptyReply,
  isFinal,
  type ForwardSettings,
  type NameReply,
  type NameVerdict,
  type ServerBlock,
  type UpstreamQuestion,
} from '../../names/index.ts';
import type { DnsMetrics } from '../metrics/dns-metrics.ts';
import { SERVER } from '../metrics/request-tally.ts';
import type { AnswerCache, Hit } from '../upstream/answer-cache.ts';
import type { Forwarded } from '../upstream/forwarder.ts';
import { upstreamQuery } from '../upstream/query.ts';
import type { Active } from './active.ts';

/** What of the client's query its upstream question keeps. */
export interface Wants {
  readonly isDnssecOk: boolean;
  readonly isCheckingDisabled: boolean;
  readonly protocol: 'udp' | 'tcp';
}

/** An answer, and what went wrong when nobody upstream gave it. */
export interface Resolution {
  readonly reply: NameReply;
  readonly failure?: string | undefined;
}

type ForwardVerdict = Extract<NameVerdict, { action: 'forward' }>;

/** One question on its way upstream. */
interface Asking {
  readonly question: UpstreamQuestion;
  readonly wants: Wants;
  readonly block: ServerBlock;
  /** What its answer is kept under. */
  readonly key: string;
}

function resolutionOf(forwarded: Forwarded): Resolution {
  if (forwarded.unanswered !== undefined) {
    const { rcode, reason } = forwarded.unanswered;
    return { reply: emptyReply(rcode), failure: reason };
  }
  const { rcode, answers, authorities, additionals } = forwarded.message;
  return { reply: { rcode, isAuthoritative: false, answers, authorities, additionals } };
}

/** Whether the answer is one after which the settings want the next `forward` asked. */
function wantsNext(forwarded: Forwarded, { next, nextOnNoData }: ForwardSettings): boolean {
  const { message, unanswered } = { message: undefined, ...forwarded };
  const rcode = message?.rcode ?? unanswered?.rcode ?? rcodes.SERVFAIL;
  if (rcode === rcodes.NOERROR) return nextOnNoData && message?.answers.length === 0;
  return next.includes(rcode);
}

function hasFailed(forwarded: Forwarded): boolean {
  return forwarded.unanswered !== undefined || forwarded.message.rcode === rcodes.SERVFAIL;
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
  async resolve(verdict: ForwardVerdict, wants: Wants, block: ServerBlock): Promise<Resolution> {
    let last: Resolution = { reply: emptyReply(rcodes.SERVFAIL) };
    for (const attempt of verdict.attempts) {
      if (attempt.kind === 'known') last = { reply: attempt.reply };
      else {
        const found = resolutionOf(await this.ask(attempt, wants, block));
        last = { ...found, reply: completeReply(attempt, found.reply) };
      }
      if (isFinal(last.reply)) {
        if (verdict.attempts.length > 1) this.metrics.autopathSuccesses.add([SERVER]);
        return last;
      }
    }
    return verdict.otherwise === undefined ? last : { reply: verdict.otherwise };
  }

  private async ask(
    question: UpstreamQuestion,
    wants: Wants,
    block: ServerBlock,
  ): Promise<Forwarded> {
    const name = question.name.toLowerCase();
    const key = `${name} ${question.type} ${wants.isDnssecOk} ${wants.isCheckingDisabled}`;
    const asking = { question, wants, block, key };
    const cache = this.active.cache(block);
    const hit = cache === undefined ? undefined : this.fromCache(cache, asking);
    if (cache === undefined || hit === undefined) return this.askOnce(asking);
    if (hit.isStale) return this.askStale(asking, hit, cache.settings.stale?.isVerified === true);
    if (hit.isDue) {
      this.metrics.cachePrefetches.add([SERVER, block.zones[0] ?? '', '']);
      void this.askOnce(asking);
    }
    return { message: hit.message };
  }

  /** An answer past its end: after upstream failed to give a new one, or at once while it is asked. */
  private async askStale(asking: Asking, hit: Hit, isVerified: boolean): Promise<Forwarded> {
    const asked = this.askOnce(asking);
    if (isVerified) {
      const answer = await asked;
      if (!hasFailed(answer)) return answer;
    }
    this.metrics.cacheServedStale.add([SERVER, asking.block.zones[0] ?? '', '']);
    return { message: hit.message };
  }

  private async askOnce(asking: Asking): Promise<Forwarded> {
    const { question, wants, key } = asking;
    const waiting = `${question.forward.to.join(' ')} ${wants.protocol} ${key}`;
    const known = this.underWay.get(waiting);
    if (known !== undefined) return known;
    const asked = this.askUpstream(asking);
    this.underWay.set(waiting, asked);
    try {
      return await asked;
    } finally {
      this.underWay.delete(waiting);
    }
  }

  private async askUpstream({ question, wants, block, key }: Asking): Promise<Forwarded> {
    const { forward, others, name, type } = question;
    let answer: Forwarded = { unanswered: { rcode: rcodes.SERVFAIL, reason: 'no upstream' } };
    for (const settings of [forward, ...others]) {
      const forwarder = this.active.forwarder(settings);
      if (forwarder === undefined) continue;
      answer = await forwarder.ask(upstreamQuery(name, type, wants), wants.protocol);
      if (!wantsNext(answer, settings)) break;
    }
    if (answer.unanswered === undefined) this.keep(key, answer.message, block);
    return answer;
  }

  private keep(key: string, message: Message, block: ServerBlock): void {
    const cache = this.active.cache(block);
    if (cache === undefined) return;
    cache.put(key, message);
    for (const kind of ['success', 'denial'] as const) {
      this.metrics.cacheEntries.set([SERVER, kind, block.zones[0] ?? '', ''], cache.size(kind));
    }
  }

  private fromCache(cache: AnswerCache, { key, block }: Asking): Hit | undefined {
    const zone = block.zones[0] ?? '';
    const labels = [SERVER, zone, ''];
    this.metrics.cacheRequests.add(labels);
    const hit = cache.get(key);
    if (hit === undefined) this.metrics.cacheMisses.add(labels);
    else this.metrics.cacheHits.add([SERVER, hit.kind, zone, '']);
    return hit;
  }
}
