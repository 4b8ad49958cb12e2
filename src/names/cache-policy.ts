import {
  isWithin,
  rcodes,
  recordTypes,
  type Message,
  type ResourceRecord,
} from '../dnswire/index.ts';
import type { CacheSettings } from './config.ts';

/** How long an upstream's answer may be kept, in seconds, and as what. */
export interface Keeping {
  readonly kind: 'success' | 'denial';
  readonly ttl: number;
}

/** The lifetime of a negative answer (RFC 2308 section 5), and of the aliases before it; without an SOA it has none. */
function denialTtl({ answers, authorities }: Message): number | undefined {
  for (const { type, ttl, data } of authorities) {
    if (type === recordTypes.SOA && data.kind === 'authority') {
      return Math.min(ttl, data.minimum, ...answers.map((alias) => alias.ttl));
    }
  }
  return undefined;
}

/** NXDOMAIN, or no record of the type asked for, be it at the end of aliases (NODATA type 1 and 2, RFC 2308 section 2.2). */
function isDenial({ rcode, questions: [question], answers, authorities }: Message): boolean {
  if (rcode === rcodes.NXDOMAIN || answers.length === 0) return true;
  const isAnswer = ({ type }: ResourceRecord): boolean =>
    question?.type === recordTypes.ANY || type === question?.type;
  return !answers.some(isAnswer) && authorities.some(({ type }) => type === recordTypes.SOA);
}

function clamp(ttl: number, { minTtl, maxTtl }: { minTtl: number; maxTtl: number }): number {
  return Math.min(Math.max(ttl, minTtl), maxTtl);
}

/** Whether and how long an upstream's answer is kept. Never asked of the cluster's own names. */
export function keepingOf(message: Message, settings: CacheSettings): Keeping | undefined {
  const [question] = message.questions;
  const key = question?.name.toLowerCase();
  if (key === undefined || message.isTruncated) return undefined;
  if (!settings.zones.some((zone) => isWithin(key, zone))) return undefined;
  const { success, denial, servfailTtl } = settings;
  if (message.rcode === rcodes.SERVFAIL) {
    return denial === undefined || servfailTtl === 0
      ? undefined
      : { kind: 'denial', ttl: servfailTtl };
  }
  if (message.rcode !== rcodes.NOERROR && message.rcode !== rcodes.NXDOMAIN) return undefined;
  if (!isDenial(message)) {
    if (success === undefined) return undefined;
    const ttl = Math.min(...message.answers.map(({ ttl }) => ttl));
    return ttl === 0 ? undefined : { kind: 'success', ttl: clamp(ttl, success) };
  }
  const ttl = denialTtl(message);
  if (denial === undefined || ttl === undefined) return undefined;
  return { kind: 'denial', ttl: clamp(ttl, denial) };
}
