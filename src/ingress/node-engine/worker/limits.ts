import { isInBlocks, type Limits } from '../../../routes/index.ts';
import type { Exchange } from './exchange.ts';

/** How many buckets are kept; beyond that, the one that was used least recently is forgotten. */
const FORGET_ABOVE = 50_000;

/** A leaky bucket (nginx's `limit_req` with `nodelay`): what came above the rate, draining at the rate. */
interface Bucket {
  excess: number;
  at: number;
}

/** Rates and numbers of requests of one client to one Ingress. */
export class RequestLimits {
  private readonly buckets = new Map<string, Bucket>();
  private readonly underWay = new Map<string, number>();

  /** Whether a request may go on; one that may is counted until its answer is over. */
  admits(exchange: Exchange, limits: Limits): boolean {
    const { facts, route } = exchange;
    if (isInBlocks(limits.exempt, facts.client)) return true;
    const who = `${route?.ref.ingress} ${facts.client}`;
    const { perSecond, perMinute, burstMultiplier, connections } = limits;
    const isInRate =
      (perSecond === undefined || this.take(`s ${who}`, perSecond, burstMultiplier)) &&
      (perMinute === undefined || this.take(`m ${who}`, perMinute / 60, burstMultiplier * 60));
    if (!isInRate) return false;
    return connections === undefined || this.enter(exchange, who, connections);
  }

  /** `rate` a second; as much as `rate * burst` may come at once. */
  private take(key: string, rate: number, burst: number): boolean {
    const now = performance.now() / 1000;
    const bucket = this.buckets.get(key) ?? { excess: 0, at: now };
    const excess = Math.max(bucket.excess - (now - bucket.at) * rate, 0) + 1;
    if (excess > rate * burst + 1) return false;
    this.buckets.delete(key);
    this.buckets.set(key, { excess, at: now });
    if (this.buckets.size > FORGET_ABOVE) this.forgetOldest();
    return true;
  }

  private forgetOldest(): void {
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }

  private enter(exchange: Exchange, who: string, most: number): boolean {
    const count = this.underWay.get(who) ?? 0;
    if (count >= most) return false;
    this.underWay.set(who, count + 1);
    exchange.response.once('close', () => {
      const left = (this.underWay.get(who) ?? 1) - 1;
      if (left === 0) this.underWay.delete(who);
      else this.underWay.set(who, left);
    });
    return true;
  }
}
