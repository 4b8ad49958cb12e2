import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestFacts, RequestVerdict } from './contract.ts';
import { judgeRequest, matchingRoutes } from './judge-request.ts';
import { one, scenarios } from './testing/scenarios.ts';
import {
  compile,
  type IngressSketch,
  type ServiceSketch,
  type WorldSketch,
} from './testing/world.ts';

function request(url: string, facts: Partial<RequestFacts> = {}): RequestFacts {
  const [, scheme = 'http', host = '', target = '/'] =
    /^(https?):\/\/([^/]*)(.*)$/u.exec(url) ?? [];
  const isSecure = scheme === 'https';
  return {
    scheme: isSecure ? 'https' : 'http',
    host,
    target: target === '' ? '/' : target,
    method: 'GET',
    headers: new Map(),
    client: '172.18.0.1',
    ...facts,
  };
}

const services: Record<string, ServiceSketch> = Object.fromEntries(
  ['web', 'api', 'shop', 'old', 'fallback'].map((name) => [name, {}]),
);

/** `web /path` for what goes to Service web, else what is answered. */
function story({ action, status, location, backend, target, reason }: RequestVerdict): string {
  if (action === 'forward') return `${backend?.service?.slice('default/'.length)} ${target}`;
  return action === 'redirect' ? `${status} ${location}` : `${status} ${reason}`;
}

function ask(
  world: WorldSketch,
  url: string,
  facts: Partial<RequestFacts> = {},
  draw = 0.99,
): string {
  const { table } = compile({ services, ...world });
  return story(judgeRequest(table, request(url, facts), () => draw));
}

for (const { title, ingresses, answers } of scenarios) {
  test(title, () => {
    const told = Object.keys(answers).map((url) => [url, ask({ ingresses }, url)]);
    assert.deepEqual(Object.fromEntries(told), answers);
  });
}

test('a Service without endpoints is 503, or the default backend of the annotation', () => {
  const empty = { services: { ...services, web: { ips: [] } } };
  const plain = one({ 'foo.com/': 'web' });
  assert.equal(ask({ ...empty, ingresses: plain }, 'http://foo.com/x'), '503 NO_UPSTREAM');
  const withDefault = one({ 'foo.com/': 'web' }, { 'default-backend': 'fallback' });
  assert.equal(ask({ ...empty, ingresses: withDefault }, 'http://foo.com/x'), 'fallback /x');
});

test('the controller has a default backend of its own', () => {
  const { table } = compile({ services }, { defaultService: 'default/fallback' });
  assert.equal(story(judgeRequest(table, request('http://any.com/x'))), 'fallback /x');
});

test('address lists: the denylist first', () => {
  const annotations = {
    'allowlist-source-range': '10.0.0.0/8, 192.0.2.1',
    'denylist-source-range': '10.1.0.0/16',
  };
  const world = { ingresses: one({ 'foo.com/': 'web' }, annotations) };
  const from = (client: string): string => ask(world, 'http://foo.com/', { client });
  assert.equal(from('10.2.0.1'), 'web /');
  assert.equal(from('::ffff:192.0.2.1'), 'web /');
  assert.equal(from('10.1.0.1'), '403 ADDRESS_NOT_ALLOWED');
  assert.equal(from('192.0.2.2'), '403 ADDRESS_NOT_ALLOWED');
});

test('canaries: header before cookie before weight', () => {
  const canary = {
    canary: 'true',
    'canary-by-header': 'X-Canary',
    'canary-by-cookie': 'canary',
    'canary-weight': '30',
  };
  const ingresses = [
    { name: 'main', paths: { 'foo.com/': 'web' } },
    { name: 'canary', paths: { 'foo.com/': 'api' }, annotations: canary, age: 1 },
  ];
  const send = (headers: Record<string, string>, draw: number): string =>
    ask({ ingresses }, 'http://foo.com/', { headers: new Map(Object.entries(headers)) }, draw);
  assert.equal(send({}, 0.29), 'api /');
  assert.equal(send({}, 0.3), 'web /');
  assert.equal(send({ 'x-canary': 'always' }, 0.9), 'api /');
  assert.equal(send({ 'x-canary': 'never', cookie: 'canary=always' }, 0), 'web /');
  assert.equal(send({ cookie: 'a=b; canary=always' }, 0.9), 'api /');
  assert.equal(send({ cookie: 'canary=never' }, 0), 'web /');
});

test('canaries by value and by expression decide only when they match', () => {
  const main = { name: 'main', paths: { 'foo.com/': 'web' } };
  const by = (annotations: Record<string, string>): IngressSketch[] => [
    main,
    {
      name: 'c',
      paths: { 'foo.com/': 'api' },
      annotations: { canary: 'true', ...annotations },
      age: 1,
    },
  ];
  const value = by({ 'canary-by-header': 'region', 'canary-by-header-value': 'eu' });
  const pattern = by({ 'canary-by-header': 'region', 'canary-by-header-pattern': '^(eu|us)-' });
  const from = (ingresses: IngressSketch[], region: string): string =>
    ask({ ingresses }, 'http://foo.com/', { headers: new Map([['region', region]]) });
  assert.equal(from(value, 'eu'), 'api /');
  assert.equal(from(value, 'always'), 'web /');
  assert.equal(from(pattern, 'us-east'), 'api /');
  assert.equal(from(pattern, 'asia'), 'web /');
});

test('the runner-up is known', () => {
  const { table } = compile({
    services,
    ingresses: one({ 'foo.com/': 'web', 'foo.com/foo': 'api', '/': 'shop' }),
  });
  const matching = matchingRoutes(table, request('http://foo.com/foo/bar'));
  assert.deepEqual(
    matching.map(({ host, backend }) => [host, backend]),
    [
      ['foo.com', 'default/api:80 http'],
      ['foo.com', 'default/web:80 http'],
      ['', 'default/shop:80 http'],
    ],
  );
});
