import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRecord } from '../engine.ts';
import { accessLine } from './access-log.ts';

const record: AccessRecord = {
  time: Date.UTC(2026, 10, 21, 9, 8, 7),
  client: '172.18.0.2',
  scheme: 'http',
  protocol: 'HTTP/1.1',
  method: 'GET',
  host: 'foo.test',
  target: '/a?b=c',
  status: 200,
  requestBytes: 80,
  responseBytes: 12,
  seconds: 0.0123,
  reason: 'FORWARDED',
  route: { ingress: 'default/web', rule: 0, path: 1 },
  backend: 'default/web:80 http',
  upstreams: ['10.0.0.1:80', '10.0.0.2:80'],
  requestId: 'f00d',
};

test('a line has ingress-nginx’s fields, the rule, the reason and the id', () => {
  assert.equal(
    accessLine(record),
    '172.18.0.2 - - [21/Nov/2026:09:08:07 +0000] "GET /a?b=c HTTP/1.1" 200 12 "foo.test" 0.012 ' +
      '[default/web:80] 10.0.0.1:80, 10.0.0.2:80 default/web:rules[0].paths[1] FORWARDED f00d',
  );
});

test('a request that no rule has, and nobody was asked', () => {
  const { route: _route, backend: _backend, ...rest } = record;
  const line = accessLine({ ...rest, status: 404, upstreams: [], reason: 'NO_ROUTE' });
  assert.match(line, / \[-\] - - NO_ROUTE f00d$/);
});

test('nothing that a client sends ends a field or a line', () => {
  const line = accessLine({ ...record, target: '/"\n\\é\u0000\u009b', host: 'a"b' });
  assert.match(line, /"GET \/\\x22\\x0A\\x5C\\xE9\\x00\\x9B HTTP\/1\.1"/);
  assert.match(line, /"a\\x22b"/);
});
