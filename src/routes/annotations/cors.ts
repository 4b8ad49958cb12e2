import type { Family } from './family.ts';

const METHODS = 'GET, PUT, POST, DELETE, PATCH, OPTIONS';
const HEADERS =
  'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization';
const MAX_AGE = 1_728_000;

export const corsFamily: Family = {
  honours: {
    'enable-cors': 'answers preflights, and adds the headers below',
    'cors-allow-origin': 'origins between commas; `*`, or `https://*.foo.com`',
    'cors-allow-methods': `default: ${METHODS}`,
    'cors-allow-headers': 'headers between commas',
    'cors-expose-headers': 'headers between commas',
    'cors-allow-credentials': 'default: true',
    'cors-max-age': `seconds; default: ${MAX_AGE}`,
  },
  read(reader) {
    if (reader.flag('enable-cors') !== true) return {};
    return {
      route: {
        cors: {
          origins: reader.list('cors-allow-origin') ?? ['*'],
          methods: reader.headerValue('cors-allow-methods') ?? METHODS,
          headers: reader.headerValue('cors-allow-headers') ?? HEADERS,
          exposeHeaders: reader.headerValue('cors-expose-headers'),
          credentials: reader.flag('cors-allow-credentials') ?? true,
          maxAgeSeconds: reader.integer('cors-max-age') ?? MAX_AGE,
        },
      },
    };
  },
};
