import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, type IngressSketch } from '../../routes/testing/world.ts';
import { isNativeBackend } from './hand-over.ts';
import { entriesOf, readValue } from './route-entries.ts';

const services = { web: {}, api: {} };

/** Entries of all sites; slots are named as Services. */
function entries(...ingresses: readonly IngressSketch[]): Record<string, string> {
  const { sites, backends } = compile({ ingresses, services }).table;
  const slotOf = (id: string): string | undefined => {
    const backend = backends.get(id);
    return backend !== undefined && isNativeBackend(backend)
      ? (backend.service?.split('/')[1] ?? '')
      : undefined;
  };
  return Object.fromEntries([...sites.values()].flatMap((site) => [...entriesOf(site, slotOf)]));
}

const one = (
  paths: Record<string, string>,
  annotations: Record<string, string> = {},
): IngressSketch => ({ name: 'one', paths, annotations });

test('the longest key is the first in precedence', () => {
  const found = entries(
    one({ 'a.com/foo': 'web', 'a.com/foo =': 'api', 'a.com/foo/ ~': 'api', 'a.com/': 'web' }),
  );
  assert.deepEqual(found, {
    'a.com/foo/': 'u:api:default/one/2/0',
    'a.com/foo?': 'u:api:default/one/1/0',
    'a.com/': 'u:web:default/one/3/0',
  });
});

test('hosts: wildcards as they are, every name as a star', () => {
  assert.deepEqual(Object.keys(entries(one({ '*.a.com/x =': 'web', '/': 'api' }))), [
    '*.a.com/x?',
    '*/',
  ]);
});

test('what is not as usual stands behind the route', () => {
  const annotations = { 'proxy-body-size': '2m', 'proxy-read-timeout': '5' };
  assert.deepEqual(Object.values(entries(one({ 'a.com/ =': 'web' }, annotations))), [
    's:web:default/one/0/0:2097152:5000:0:web',
  ]);
  const canary = { name: 'two', age: 1, paths: { 'a.com/ =': 'api' } };
  const weight = { canary: 'true', 'canary-weight': '25' };
  assert.deepEqual(
    Object.values(entries(one({ 'a.com/ =': 'web' }), { ...canary, annotations: weight })),
    ['s:web:default/one/0/0:1048576:60000:250000:api'],
  );
});

const handed: readonly [Record<string, string>, string?][] = [
  [{ 'enable-cors': 'true' }],
  [{ 'limit-rps': '1' }],
  [{ 'auth-type': 'basic', 'auth-secret': 'x' }],
  [{ affinity: 'cookie' }],
  [{ 'upstream-hash-by': '$request_uri' }],
  [{ 'backend-protocol': 'HTTPS' }],
  [{ 'backend-protocol': 'GRPC' }],
  [{ 'proxy-next-upstream': 'off' }],
  [{ 'proxy-connect-timeout': '1' }],
  [{ 'permanent-redirect': 'https://b.com' }],
  [{ 'mirror-target': 'http://b.com' }],
  [{ 'app-root': '/x' }],
  [{ 'use-regex': 'true' }],
  [{}, '/a b'],
  [{}, '/a;b'],
  [{}, '/a\nset map'],
];

for (const [annotations, path = '/'] of handed) {
  test(`handed over: ${JSON.stringify([annotations, path])}`, () => {
    const values = Object.values(entries(one({}, annotations), { name: 'x', paths: {} }));
    assert.deepEqual(values, []);
    const found = entries({
      ...one({}),
      annotations,
      paths: { [`a.com${path.replaceAll(' ', '\u00A0')}`]: 'web' },
    });
    assert.deepEqual([...new Set(Object.values(found))], ['e:embedded']);
  });
}

test('a value is read back', () => {
  const ref = { ingress: 'default/one', rule: 2, path: 0 };
  assert.deepEqual(readValue('s:s3:default/one/2/0:1:2'), { slot: 's3', ref, isCanary: false });
  assert.deepEqual(readValue('c:s4:default/one/2/0'), { slot: 's4', ref, isCanary: true });
  assert.equal(readValue('e:embedded'), undefined);
});
