import type { Limits } from '../policy.ts';
import type { Family } from './family.ts';
import type { AnnotationReader } from './reader.ts';

/** Times the rate that may come at once (ingress-nginx's default). */
const BURST = 5;

function limitsOf(reader: AnnotationReader): Limits | undefined {
  const limits = {
    perSecond: reader.integer('limit-rps'),
    perMinute: reader.integer('limit-rpm'),
    connections: reader.integer('limit-connections'),
  };
  // 0 is how ingress-nginx writes "no limit".
  const isLimited = Object.values(limits).some((value) => value !== undefined && value > 0);
  if (!isLimited) return undefined;
  return {
    perSecond: limits.perSecond || undefined,
    perMinute: limits.perMinute || undefined,
    connections: limits.connections || undefined,
    burstMultiplier: reader.integer('limit-burst-multiplier', { min: 1, max: 1000 }) ?? BURST,
    exempt: reader.cidrs('limit-allowlist') ?? reader.cidrs('limit-whitelist') ?? [],
  };
}

export const accessFamily: Family = {
  honours: {
    'allowlist-source-range': 'only these blocks; others get 403',
    'whitelist-source-range': 'the older name of allowlist-source-range',
    'denylist-source-range': 'all but these blocks; they get 403',
    'limit-rps': 'requests a second and client; more get 503',
    'limit-rpm': 'requests a minute and client; more get 503',
    'limit-connections': 'requests of one client at a time; more get 503',
    'limit-burst-multiplier': 'times the rate that may come at once; 5',
    'limit-allowlist': 'blocks that are not limited',
    'limit-whitelist': 'the older name of limit-allowlist',
  },
  read: (reader) => ({
    route: {
      allow: reader.cidrs('allowlist-source-range') ?? reader.cidrs('whitelist-source-range'),
      deny: reader.cidrs('denylist-source-range'),
      limits: limitsOf(reader),
    },
  }),
};
