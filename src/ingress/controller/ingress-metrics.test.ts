import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../routes/testing/world.ts';
import type { AccessRecord } from '../engine.ts';
import { IngressMetrics } from './ingress-metrics.ts';

const engine = {
  apply: () => Promise.resolve(),
  counters: () => ({ active: 0, accepted: 0, requests: 0 }),
  close: () => Promise.resolve(),
};

const record: AccessRecord = {
  time: 0,
  client: '172.18.0.2',
  scheme: 'http',
  protocol: 'HTTP/1.1',
  method: 'GET',
  host: 'a.foo.com:8080',
  target: '/api/x',
  status: 200,
  requestBytes: 0,
  responseBytes: 2,
  seconds: 0.01,
  reason: 'FORWARDED',
  route: { ingress: 'default/one', rule: 0, path: 0 },
  backend: 'default/web:80 http',
  upstreams: [],
  requestId: 'f00d',
};

test('labels are what Ingresses say, however many names clients invent', () => {
  const { table } = compile({
    services: { web: {} },
    ingresses: [{ name: 'one', paths: { '*.foo.com/api': 'web' } }],
  });
  const metrics = new IngressMetrics();
  const hosts = ['a.foo.com:8080', 'B.foo.com', 'c.foo.com.'];
  metrics.count(
    hosts.map((host, at) => ({ ...record, host, method: at === 0 ? 'GET' : `X${at}` })),
    table,
  );
  const { route: _route, ...unrouted } = record;
  metrics.count([{ ...unrouted, host: 'invented.com', status: 404 }], table);
  const series = metrics
    .text(engine)
    .split('\n')
    .filter((line) => line.startsWith('nginx_ingress_controller_requests{'));
  assert.equal(series.length, 3, series.join('\n'));
  const wildcard = series.filter((line) => line.includes('host="*.foo.com"'));
  assert.deepEqual(
    wildcard.map((line) => [
      /path="([^"]*)"/u.exec(line)?.[1],
      /method="([^"]*)"/u.exec(line)?.[1],
    ]),
    [
      ['/api', 'GET'],
      ['/api', 'OTHER'],
    ],
  );
});
