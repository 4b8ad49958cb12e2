import type { CookieAffinity, HashKey } from '../policy.ts';
import type { CanaryWish, Family } from './family.ts';
import type { AnnotationReader } from './reader.ts';

function cookiePathOf(reader: AnnotationReader): string | undefined {
  const path = reader.headerValue('session-cookie-path');
  const isPath = path === undefined || !path.includes(';');
  return isPath ? path : reader.bad('session-cookie-path', 'must not have a semicolon');
}

function affinityOf(reader: AnnotationReader): CookieAffinity | undefined {
  if (reader.choice('affinity', ['cookie']) === undefined) return undefined;
  return {
    name: reader.token('session-cookie-name') ?? 'INGRESSCOOKIE',
    path: cookiePathOf(reader),
    maxAgeSeconds:
      reader.integer('session-cookie-max-age') ?? reader.integer('session-cookie-expires'),
    sameSite: reader.choice('session-cookie-samesite', ['None', 'Lax', 'Strict']),
    secure: reader.flag('session-cookie-secure'),
    changeOnFailure: reader.flag('session-cookie-change-on-failure') ?? false,
  };
}

/** A map: names that authors write must not find what every object has, `constructor` for one. */
const facts = new Map<string, Extract<HashKey[number], { fact: string }>['fact']>([
  ['request_uri', 'uri'],
  ['uri', 'path'],
  ['host', 'host'],
  ['remote_addr', 'client'],
  ['binary_remote_addr', 'client'],
]);

/** One nginx variable. @returns undefined for one that is not known here */
function variable(name: string): HashKey[number] | undefined {
  const fact = facts.get(name);
  if (fact !== undefined) return { fact };
  const [, kind = '', rest = ''] = /^(arg|http|cookie)_(.+)$/u.exec(name) ?? [];
  if (kind === 'arg') return { fact: 'argument', name: rest };
  if (kind === 'cookie') return { fact: 'cookie', name: rest };
  return kind === 'http' ? { fact: 'header', name: rest.replaceAll('_', '-') } : undefined;
}

function hashKeyOf(reader: AnnotationReader): HashKey | undefined {
  const template = reader.text('upstream-hash-by');
  if (template === undefined) return undefined;
  const key: HashKey[number][] = [];
  for (const [part, braced, plain] of template.matchAll(
    /\$\{([a-z_0-9]+)\}|\$([a-z_0-9]+)|[^$]+/gu,
  )) {
    const name = braced ?? plain;
    const element = name === undefined ? { text: part } : variable(name);
    if (element === undefined) {
      return reader.bad('upstream-hash-by', `the variable "${part}" is not known here`);
    }
    key.push(element);
  }
  return key;
}

export const balancingFamily: Family = {
  honours: {
    affinity: '`cookie`: a client stays with its endpoint',
    'session-cookie-name': 'default: INGRESSCOOKIE',
    'session-cookie-path': 'path of the cookie',
    'session-cookie-max-age': 'seconds',
    'session-cookie-expires': 'seconds; the older way',
    'session-cookie-samesite': '`None`, `Lax` or `Strict`',
    'session-cookie-secure': 'only over https; default: where the request came over https',
    'session-cookie-change-on-failure': 'another endpoint when the first fails',
    'upstream-hash-by': 'the endpoint is chosen by a hash of these variables',
    'service-upstream': "dials the Service's own address instead of its endpoints",
  },
  read: (reader) => ({
    serviceUpstream: reader.flag('service-upstream'),
    route: { affinity: affinityOf(reader), hashBy: hashKeyOf(reader) },
  }),
};

function canaryOf(reader: AnnotationReader): CanaryWish | undefined {
  if (reader.flag('canary') !== true) return undefined;
  const total = reader.integer('canary-weight-total', { min: 1, max: 2 ** 31 - 1 }) ?? 100;
  const name = reader.text('canary-by-header')?.toLowerCase();
  const value = reader.text('canary-by-header-value');
  // The value wins over the pattern, as documented by ingress-nginx.
  const pattern = value === undefined ? reader.expression('canary-by-header-pattern') : undefined;
  return {
    header: name === undefined ? undefined : { name, value, pattern },
    cookie: reader.text('canary-by-cookie'),
    weight: reader.integer('canary-weight', { min: 0, max: total }) ?? 0,
    total,
  };
}

export const canaryFamily: Family = {
  honours: {
    canary: 'this Ingress takes part of the requests of another with the same host and path',
    'canary-by-header': '`always` and `never` decide; before cookie and weight',
    'canary-by-header-value': 'the value that takes a request',
    'canary-by-header-pattern': 'an expression for the value',
    'canary-by-cookie': '`always` and `never` decide; before weight',
    'canary-weight': 'share of requests',
    'canary-weight-total': 'of how many; 100',
  },
  read: (reader) => ({ canary: canaryOf(reader) }),
};
