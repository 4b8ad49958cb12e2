import assert from 'node:assert/strict';
import { test } from 'node:test';
import { families, readAnnotations } from './families.ts';
import type { References, Wishes } from './family.ts';
import { PREFIX } from './reader.ts';
import { refused } from './unhonoured.ts';

const nothing: References = { secret: () => undefined, configMap: () => undefined };

function read(
  annotations: Record<string, string>,
  references = nothing,
): { wishes: Wishes; told: string[] } {
  const told: string[] = [];
  const prefixed = Object.entries(annotations).map(([name, value]) => [PREFIX + name, value]);
  const wishes = readAnnotations(
    Object.fromEntries(prefixed) as Record<string, string>,
    references,
    (code, name, message) => told.push(`${name} ${code}: ${message}`),
  );
  return { wishes, told };
}

test('without annotations: the defaults of ingress-nginx', () => {
  const { wishes, told } = read({});
  assert.deepEqual(wishes.route.timeouts, { connect: 5000, send: 60_000, read: 60_000 });
  assert.equal(wishes.route.maxBodyBytes, 1024 ** 2);
  assert.deepEqual(wishes.route.retry, { on: ['error', 'timeout'], tries: 3, timeout: 0 });
  assert.deepEqual(told, []);
});

/** What each annotation becomes: annotations, path into the wishes, value. */
const rows: readonly (readonly [Record<string, string>, (wishes: Wishes) => unknown, unknown])[] = [
  [{ 'proxy-body-size': '8m' }, ({ route }) => route.maxBodyBytes, 8 * 1024 ** 2],
  [{ 'proxy-body-size': '0' }, ({ route }) => route.maxBodyBytes, 0],
  [{ 'proxy-read-timeout': '3600' }, ({ route }) => route.timeouts?.read, 3_600_000],
  [
    { 'proxy-next-upstream': 'error http_502 non_idempotent', 'proxy-next-upstream-tries': '2' },
    ({ route }) => route.retry,
    { on: ['error', 502, 'non-idempotent'], tries: 2, timeout: 0 },
  ],
  [{ 'proxy-next-upstream': 'off' }, ({ route }) => route.retry?.on, []],
  [{ 'backend-protocol': 'grpcs' }, ({ protocol }) => protocol, 'grpcs'],
  [
    {
      'enable-cors': 'true',
      'cors-allow-origin': 'https://a.com, https://*.b.com',
      'cors-allow-credentials': 'false',
    },
    ({ route }) => [route.cors?.origins, route.cors?.credentials, route.cors?.maxAgeSeconds],
    [['https://a.com', 'https://*.b.com'], false, 1_728_000],
  ],
  [{ 'cors-allow-origin': 'https://a.com' }, ({ route }) => route.cors, undefined],
  [
    { 'limit-rps': '5', 'limit-connections': '0', 'limit-whitelist': '10.0.0.1' },
    ({ route }) => route.limits,
    {
      perSecond: 5,
      perMinute: undefined,
      connections: undefined,
      burstMultiplier: 5,
      exempt: ['10.0.0.1/32'],
    },
  ],
  [
    { affinity: 'cookie', 'session-cookie-name': 'route', 'session-cookie-max-age': '60' },
    ({ route }) => [route.affinity?.name, route.affinity?.maxAgeSeconds, route.affinity?.secure],
    ['route', 60, undefined],
  ],
  [
    { 'upstream-hash-by': '${request_uri}-$arg_id$http_x_user' },
    ({ route }) => route.hashBy,
    [
      { fact: 'uri' },
      { text: '-' },
      { fact: 'argument', name: 'id' },
      { fact: 'header', name: 'x-user' },
    ],
  ],
  [
    { 'permanent-redirect': 'https://a.com', 'permanent-redirect-code': '308' },
    ({ route }) => route.redirect,
    { to: 'https://a.com', status: 308 },
  ],
  [{ 'server-alias': 'A.com,b.com' }, ({ aliases }) => aliases, ['a.com', 'b.com']],
  [
    { 'auth-url': 'http://auth.default.svc/check', 'auth-response-headers': 'X-User, X-Role' },
    ({ route }) => route.externalAuth?.responseHeaders,
    ['X-User', 'X-Role'],
  ],
  [
    { 'auth-type': 'basic', 'auth-secret': 'users' },
    ({ route }) => route.basicAuth,
    { realm: 'Authentication Required', users: undefined },
  ],
  [{ 'custom-http-errors': '404, 503' }, ({ customErrors }) => customErrors, [404, 503]],
  [
    { 'mirror-target': 'http://copy.default/x', 'mirror-request-body': 'off' },
    ({ route }) => route.mirror,
    { url: 'http://copy.default/x', withBody: false },
  ],
  [{ 'canary-weight': '50' }, ({ canary }) => canary, undefined],
  [
    { 'auth-tls-secret': 'ca', 'auth-tls-verify-client': 'off' },
    ({ site }) => site.clientCertificate,
    undefined,
  ],
  [{ 'auth-tls-secret': 'ca' }, ({ site }) => site.clientCertificate?.mode, 'required'],
];

for (const [annotations, part, expected] of rows) {
  test(`reads ${JSON.stringify(annotations)}`, () => {
    const { wishes, told } = read(annotations);
    assert.deepEqual(part(wishes), expected);
    assert.deepEqual(told, []);
  });
}

/** Values that no header could carry, or that name what every object has: told, and as if they were not there. */
const unusable: typeof rows = [
  [{ 'proxy-next-upstream': 'constructor' }, ({ route }) => route.retry?.on, []],
  [{ 'upstream-hash-by': '$constructor' }, ({ route }) => route.hashBy, undefined],
  [{ 'app-root': '/\u20ac' }, ({ site }) => site.appRoot, undefined],
  [{ 'permanent-redirect': 'http://a.com/\r\nX: y' }, ({ route }) => route.redirect, undefined],
  [
    { affinity: 'cookie', 'session-cookie-name': 'a;b', 'session-cookie-path': '/; Domain=com' },
    ({ route }) => [route.affinity?.name, route.affinity?.path],
    ['INGRESSCOOKIE', undefined],
  ],
  [
    { 'enable-cors': 'true', 'cors-allow-headers': 'X-\u20ac' },
    ({ route }) => route.cors?.headers.includes('\u20ac'),
    false,
  ],
];

for (const [annotations, part, expected] of unusable) {
  test(`refuses ${JSON.stringify(annotations)}`, () => {
    const { wishes, told } = read(annotations);
    assert.deepEqual(part(wishes), expected);
    assert.match(told.join(), /ANNOTATION_INVALID/u);
  });
}

/** Values that are none: always reported, always left out. */
const wrong: Readonly<Record<string, string>> = {
  'proxy-body-size': 'huge',
  'proxy-read-timeout': '60s',
  'ssl-redirect': 'maybe',
  'allowlist-source-range': '10.0.0.0/33',
  'permanent-redirect': 'javascript:alert(1)',
  'upstream-hash-by': '$lua_thing',
  'backend-protocol': 'FCGI',
  'auth-url': 'http://',
  'custom-http-errors': '200',
  'app-root': 'app',
  'proxy-next-upstream': 'sometimes',
};

for (const [name, value] of Object.entries(wrong)) {
  test(`tells of ${name}: ${value}`, () => {
    const { told } = read({ [name]: value });
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? '',
      new RegExp(`^${name} ANNOTATION_INVALID: .+; the annotation is ignored$`, 'u'),
    );
  });
}

test('no annotation is both honoured and refused, and each has a reason', () => {
  const honoured = Object.values(families).flatMap(({ honours }) => Object.entries(honours));
  assert.equal(new Set(honoured.map(([name]) => name)).size, honoured.length);
  assert.deepEqual(
    honoured.filter(([name]) => refused[name] !== undefined),
    [],
  );
  for (const [name, text] of [...honoured, ...Object.entries(refused)])
    assert.ok(text.length > 2, name);
});

test('snippets are refused with the reason', () => {
  const { told } = read({ 'configuration-snippet': 'more_set_headers "x: y";' });
  assert.match(told.join(), /configuration text is never taken from an annotation/u);
});
