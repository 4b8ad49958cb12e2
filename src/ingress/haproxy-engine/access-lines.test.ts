import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRecord } from '../engine.ts';
import { AccessLines } from './access-lines.ts';

const line = (fields: Record<string, string> = {}): string => {
  const usual = {
    scheme: 'http',
    ended: '1000250',
    client: '10.0.0.9',
    version: 'HTTP/1.1',
    status: '200',
    sent: '80',
    received: '200',
    took: '250',
    state: '--',
    server: '10.244.0.2:8080',
    name: 'u1',
    method: 'GET',
    id: 'id-1',
    route: 'u:s1:default/one/0/1',
    target: 'foo.com/a/b??x=1',
  };
  return Object.values({ ...usual, ...fields }).join(' ');
};

const lines = new AccessLines((slot) => `backend of ${slot}`);
const read = (fields?: Record<string, string>): AccessRecord | undefined =>
  lines.read(line(fields));

test('a request that was forwarded', () => {
  assert.deepEqual(read(), {
    time: 1_000_000,
    client: '10.0.0.9',
    scheme: 'http',
    protocol: 'HTTP/1.1',
    method: 'GET',
    host: 'foo.com',
    target: '/a/b?x=1',
    status: 200,
    requestBytes: 80,
    responseBytes: 200,
    seconds: 0.25,
    reason: 'FORWARDED',
    route: { ingress: 'default/one', rule: 0, path: 1 },
    backend: 'backend of s1',
    upstreams: ['10.244.0.2:8080'],
    requestId: 'id-1',
  });
});

test('reasons and statuses', () => {
  const canary = read({ route: 'c:s2:default/one/0/1' });
  assert.deepEqual([canary?.reason, canary?.backend], ['FORWARDED_TO_CANARY', 'backend of s2']);
  assert.equal(read({ state: 'LR', status: '308', server: '-:-' })?.reason, 'REDIRECTED_TO_HTTPS');
  assert.equal(read({ state: 'SC', status: '503' })?.status, 502);
  assert.equal(read({ state: 'CH', status: '-1' })?.status, 499);
  const refused = { state: 'PR', status: '400', server: '-:-' };
  for (const bad of [read(refused), read({ ...refused, route: '-', target: '-' })]) {
    assert.deepEqual([bad?.reason, bad?.status, bad?.upstreams], ['BAD_REQUEST', 400, []]);
    assert.equal(bad?.route, undefined);
  }
});

test('what the embedded engine tells of itself is left out', () => {
  assert.equal(read({ name: 'embedded' }), undefined);
  assert.equal(lines.read('garbage'), undefined);
});
