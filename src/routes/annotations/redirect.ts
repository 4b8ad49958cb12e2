import type { RoutePolicy } from '../policy.ts';
import type { Family } from './family.ts';
import type { AnnotationReader } from './reader.ts';

const redirectCodes = { min: 300, max: 308 };

/** The temporary one first, as ingress-nginx does when both are set. */
function redirectOf(reader: AnnotationReader): RoutePolicy['redirect'] {
  const temporal = reader.url('temporal-redirect');
  const permanent = reader.url('permanent-redirect');
  if (temporal !== undefined) {
    return { to: temporal, status: reader.integer('temporal-redirect-code', redirectCodes) ?? 302 };
  }
  if (permanent === undefined) return undefined;
  return { to: permanent, status: reader.integer('permanent-redirect-code', redirectCodes) ?? 301 };
}

export const redirectFamily: Family = {
  honours: {
    'ssl-redirect': 'http goes to https (308) where the host has TLS; on unless "false"',
    'force-ssl-redirect': 'http goes to https (308) even where TLS ends elsewhere',
    'permanent-redirect':
      'sends every request there (301); `$request_uri` and other variables are filled in',
    'permanent-redirect-code': 'status of permanent-redirect',
    'temporal-redirect': 'sends every request there (302)',
    'temporal-redirect-code': 'status of temporal-redirect',
    'from-to-www-redirect': 'sends `www.HOST` to `HOST`, or the other way round (308)',
    'server-alias': 'other names of the host',
  },
  read: (reader) => ({
    sslRedirect: reader.flag('ssl-redirect'),
    forceSslRedirect: reader.flag('force-ssl-redirect'),
    fromToWww: reader.flag('from-to-www-redirect'),
    aliases: reader.list('server-alias')?.map((name) => name.toLowerCase()),
    route: { redirect: redirectOf(reader) },
  }),
};
