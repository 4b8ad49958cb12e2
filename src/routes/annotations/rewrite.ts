import type { Family } from './family.ts';

export const rewriteFamily: Family = {
  honours: {
    'rewrite-target':
      'asks the upstream for this path; `$1` is a group of the path; implies use-regex',
    'use-regex':
      'every path of the host is a case-insensitive regular expression, from the beginning',
    'app-root': 'sends `/` there',
    'upstream-vhost': 'Host header towards the upstream',
    'x-forwarded-prefix': 'sent as X-Forwarded-Prefix',
  },
  read(reader) {
    const rewrite = reader.text('rewrite-target');
    const appRoot = reader.headerValue('app-root');
    const isPath = appRoot === undefined || appRoot.startsWith('/');
    return {
      useRegex: reader.flag('use-regex') === true || rewrite !== undefined,
      route: {
        rewrite,
        upstreamHost: reader.headerValue('upstream-vhost'),
        xForwardedPrefix: reader.headerValue('x-forwarded-prefix'),
      },
      site: { appRoot: isPath ? appRoot : reader.bad('app-root', 'must begin with a slash') },
    };
  },
};
