import type { IngressSketch } from './world.ts';

/** Ingresses, and what becomes of requests: `web /path` for what Service web is asked, else status and reason. */
export interface Scenario {
  readonly title: string;
  readonly ingresses: readonly IngressSketch[];
  /** From URL to story. */
  readonly answers: Readonly<Record<string, string>>;
}

/** One Ingress. */
export const one = (
  paths: Record<string, string>,
  annotations: Record<string, string> = {},
): IngressSketch[] => [{ name: 'one', paths, annotations }];

/**
 * How hosts, paths and backends are chosen: what the Ingress documentation and ingress-nginx say. Played against the
 * judgement and against every engine, from the host and from a pod. Services web, api, shop, old and fallback are there.
 */
export const scenarios: readonly Scenario[] = [
  {
    title: 'Exact is the whole path, case and slash included',
    ingresses: one({ 'foo.com/foo =': 'web' }),
    answers: {
      'http://foo.com/foo': 'web /foo',
      'http://foo.com/foo?a=b': 'web /foo?a=b',
      'http://foo.com/foo/': '404 NO_ROUTE',
      'http://foo.com/Foo': '404 NO_ROUTE',
      'http://foo.com/foo/bar': '404 NO_ROUTE',
    },
  },
  {
    title: 'Prefix goes by elements, a trailing slash aside',
    ingresses: one({ 'foo.com/foo': 'web', 'foo.com/aaa/bbb/': 'api' }),
    answers: {
      'http://foo.com/foo': 'web /foo',
      'http://foo.com/foo/': 'web /foo/',
      'http://foo.com/foo/bar': 'web /foo/bar',
      'http://foo.com/foobar': '404 NO_ROUTE',
      'http://foo.com/aaa/bbb': 'api /aaa/bbb',
      'http://foo.com/aaa/bbb/ccc': 'api /aaa/bbb/ccc',
      'http://foo.com/aaa/bbbxyz': '404 NO_ROUTE',
    },
  },
  {
    title: 'the longest path wins, and among equals Exact before Prefix',
    ingresses: one({
      'foo.com/': 'web',
      'foo.com/foo': 'api',
      'foo.com/foo =': 'shop',
      'foo.com/foo/bar': 'old',
    }),
    answers: {
      'http://foo.com/x': 'web /x',
      'http://foo.com/foo': 'shop /foo',
      'http://foo.com/foo/x': 'api /foo/x',
      'http://foo.com/foo/bar/x': 'old /foo/bar/x',
    },
  },
  {
    title: 'ImplementationSpecific without use-regex goes by characters',
    ingresses: one({ 'foo.com/foo ~': 'web' }),
    answers: { 'http://foo.com/foobar': 'web /foobar', 'http://foo.com/fo': '404 NO_ROUTE' },
  },
  {
    title:
      'hosts: exact before wildcard before any; a wildcard is one label; ports and case do not count',
    ingresses: one({
      'foo.com/': 'web',
      '*.foo.com/': 'api',
      'a.foo.com/': 'shop',
      '/': 'fallback',
    }),
    answers: {
      'http://foo.com:8080/': 'web /',
      'http://FOO.com./': 'web /',
      'http://a.foo.com/': 'shop /',
      'http://b.foo.com/': 'api /',
      'http://a.b.foo.com/': 'fallback /',
      'http://bar.com/': 'fallback /',
    },
  },
  {
    title: 'a path that the exact host lacks is looked for under the wildcard, then any host',
    ingresses: one({ 'a.foo.com/x': 'web', '*.foo.com/y': 'api', '/z': 'shop' }),
    answers: {
      'http://a.foo.com/y': 'api /y',
      'http://a.foo.com/z': 'shop /z',
      'http://a.foo.com/w': '404 NO_ROUTE',
    },
  },
  {
    title: 'the default backend of an Ingress has what its rules do not match',
    ingresses: [{ name: 'one', paths: { 'foo.com/foo': 'web' }, defaultBackend: 'fallback' }],
    answers: {
      'http://foo.com/foo': 'web /foo',
      'http://foo.com/bar': 'fallback /bar',
      'http://other.com/': 'fallback /',
    },
  },
  {
    title: '503 for a Service that is missing, or has no such port',
    ingresses: one({ 'foo.com/a': 'nowhere:8080', 'foo.com/b': 'web:81', 'foo.com/c': 'web:http' }),
    answers: {
      'http://foo.com/a': '503 NO_UPSTREAM',
      'http://foo.com/b': '503 NO_UPSTREAM',
      'http://foo.com/c': 'web /c',
    },
  },
  {
    title:
      'use-regex: from the beginning, any case, for every path of the host, another Ingress too',
    ingresses: [
      {
        name: 'one',
        paths: { 'foo.com/v[0-9]+/x ~': 'web' },
        annotations: { 'use-regex': 'true' },
      },
      { name: 'two', paths: { 'foo.com/exact =': 'api' }, age: 1 },
    ],
    answers: {
      'http://foo.com/V12/xyz': 'web /V12/xyz',
      'http://foo.com/vx/x': '404 NO_ROUTE',
      'http://foo.com/EXACTLY': 'api /EXACTLY',
    },
  },
  {
    title: 'rewrite-target fills groups in, implies use-regex, keeps the query',
    ingresses: one({ 'foo.com/something(/|$)(.*) ~': 'web' }, { 'rewrite-target': '/$2' }),
    answers: {
      'http://foo.com/something': 'web /',
      'http://foo.com/something/': 'web /',
      'http://foo.com/something/new?q=1': 'web /new?q=1',
      'http://foo.com/somethingelse': '404 NO_ROUTE',
    },
  },
  {
    title: 'rewriting decodes once: what a client escaped twice stays escaped, and ends no path',
    ingresses: one({ 'foo.com/a/(.*) ~': 'web' }, { 'rewrite-target': '/b%20c/$1' }),
    answers: {
      'http://foo.com/a/%252e%252e%252fx': 'web /b%20c/%252e%252e%252fx',
      'http://foo.com/a/x%3fy=1%23z': 'web /b%20c/x%3Fy=1%23z',
      'http://foo.com/a/caf%c3%a9%ff': 'web /b%20c/caf%c3%a9%ff',
    },
  },
  {
    title: 'rewrite-target with a query: the request’s own comes behind it',
    ingresses: one({ 'foo.com/p/(.*) ~': 'web' }, { 'rewrite-target': '/index.php?page=$1' }),
    answers: {
      'http://foo.com/p/x%26y': 'web /index.php?page=x%26y',
      'http://foo.com/p/x?q=1': 'web /index.php?page=x&q=1',
    },
  },
  {
    title: 'redirects',
    ingresses: [
      {
        name: 'p',
        paths: { 'p.com/': 'web' },
        annotations: { 'permanent-redirect': 'https://new.com$request_uri' },
      },
      {
        name: 't',
        paths: { 't.com/': 'web' },
        annotations: { 'temporal-redirect': 'http://new.com/here' },
      },
      { name: 'a', paths: { 'a.com/': 'web' }, annotations: { 'app-root': '/app' } },
      { name: 'w', paths: { 'w.com/': 'web' }, annotations: { 'from-to-www-redirect': 'true' } },
      { name: 'f', paths: { 'f.com/': 'web' }, annotations: { 'force-ssl-redirect': 'true' } },
    ],
    answers: {
      'http://p.com/a?b=c': '301 https://new.com/a?b=c',
      'http://t.com/a': '302 http://new.com/here',
      'http://a.com/': '302 http://a.com/app',
      'http://a.com/app': 'web /app',
      'http://www.w.com/x?y=z': '308 http://w.com/x?y=z',
      'http://f.com/x': '308 https://f.com/x',
      'https://f.com/x': 'web /x',
    },
  },
  {
    title:
      'TLS of a host sends http to https, unless ssl-redirect says no; other hosts are left alone',
    ingresses: [
      {
        name: 'a',
        paths: { 'a.com/': 'web', 'b.com/': 'web' },
        tls: [{ hosts: ['a.com'], secretName: 'x' }],
      },
      {
        name: 'c',
        paths: { 'c.com/': 'web' },
        tls: [{ hosts: ['c.com'] }],
        annotations: { 'ssl-redirect': 'false' },
      },
    ],
    answers: {
      'http://a.com:8080/x': '308 https://a.com/x',
      'http://b.com/x': 'web /x',
      'http://c.com/x': 'web /x',
    },
  },
  {
    title: 'a request without the final slash of an Exact path is sent there',
    ingresses: one({ 'foo.com/my/ =': 'web' }),
    answers: {
      'http://foo.com/my?a=1': '301 http://foo.com/my/?a=1',
      'http://foo.com/my/': 'web /my/',
    },
  },
  {
    title: 'paths are normalised before they are compared, and sent on as they came',
    ingresses: one({ 'foo.com/foo': 'web', 'foo.com/bar': 'api' }),
    answers: {
      'http://foo.com//foo/./x': 'web //foo/./x',
      'http://foo.com/foo/../bar': 'api /foo/../bar',
      'http://foo.com/%66oo': 'web /%66oo',
      'http://foo.com/foo/../..': '400 BAD_REQUEST',
      'http://foo.com/%zz': '400 BAD_REQUEST',
    },
  },
];
