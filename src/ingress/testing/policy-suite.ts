import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { afterEach, describe, test } from 'node:test';
import type { WorldSketch } from '../../routes/testing/world.ts';
import { only, services, useLab } from './engine-suite.ts';
import type { StartEngine } from './engine-lab.ts';

/** What every engine does about annotations that say what becomes of a request that may come. */
export function policySuite(name: string, start: StartEngine): void {
  describe(`${name}: what becomes of requests`, () => {
    const lab = useLab(start);
    const apply = (sketch: WorldSketch): Promise<void> => lab().apply({ services, ...sketch });
    afterEach(() => apply({ ingresses: [] }));

    test('cookie affinity: a client stays, and moves only when its endpoint goes', async () => {
      const sticky = {
        affinity: 'cookie',
        'session-cookie-name': 'stay',
        'session-cookie-max-age': '60',
      };
      const ips = ['127.1.0.1', '127.1.0.2', '127.1.0.3'];
      const sketch = { ...only('web', sticky), services: { web: { ips } } };
      await apply(sketch);
      const first = await lab().ask('http://foo.com/');
      const [cookie = ''] = first.headers['set-cookie'] ?? [];
      assert.match(cookie, /^stay=[0-9a-f]{32}; Path=\/; Max-Age=60; HttpOnly$/u);
      const headers = { cookie: cookie.split(';')[0] };
      const { service } = JSON.parse(first.body) as { service: string };
      for (let again = 0; again < 6; again += 1) {
        assert.equal((await lab().seenBy('http://foo.com/', { headers })).service, service);
      }
      const gone = ips.filter((_, at) => ['web', 'api', 'shop'][at] !== service);
      await apply({ ...sketch, services: { web: { ips: gone } } });
      const moved = await lab().ask('http://foo.com/', { headers });
      assert.equal(moved.status, 200);
      assert.notEqual((JSON.parse(moved.body) as { service: string }).service, service);
    });

    test('cookies, Vary and custom headers stand beside what the upstream says', async () => {
      await lab().upstream('own', '127.1.0.25', (_request, response) => {
        response.setHeader('set-cookie', ['a=1', 'b=2']).setHeader('vary', 'Accept');
        response.setHeader('x-frame-options', 'SAMEORIGIN').end('ok');
      });
      await apply({
        services: { own: { ips: ['127.1.0.25'] } },
        ingresses: [
          {
            name: 'one',
            paths: { 'foo.com/': 'own' },
            annotations: {
              affinity: 'cookie',
              'enable-cors': 'true',
              'cors-allow-origin': 'https://a.com',
              'custom-headers': 'extra',
            },
          },
        ],
        configMaps: { extra: { 'X-Frame-Options': 'DENY' } },
      });
      const { headers } = await lab().ask('http://foo.com/', {
        headers: { origin: 'https://a.com' },
      });
      const names = (headers['set-cookie'] ?? []).map((cookie) => cookie.split('=')[0]);
      assert.deepEqual(names, ['a', 'b', 'INGRESSCOOKIE']);
      assert.equal(headers['vary'], 'Accept, Origin');
      assert.equal(headers['x-frame-options'], 'DENY');
    });

    test('upstream-hash-by: one key, one endpoint', async () => {
      const ips = ['127.1.0.1', '127.1.0.2', '127.1.0.3'];
      await apply({
        ...only('web', { 'upstream-hash-by': '$arg_id' }),
        services: { web: { ips } },
      });
      const of = async (id: number): Promise<string> =>
        (await lab().seenBy(`http://foo.com/?id=${id}`)).service;
      const first = await Promise.all(Array.from({ length: 20 }, (_, id) => of(id)));
      const second = await Promise.all(Array.from({ length: 20 }, (_, id) => of(id)));
      assert.deepEqual(second, first);
      assert.ok(new Set(first).size > 1);
    });

    test('without either, endpoints take turns', async () => {
      const ips = ['127.1.0.1', '127.1.0.2', '127.1.0.3'];
      await apply({ ...only('web'), services: { web: { ips } } });
      const counts = new Map<string, number>();
      for (let sent = 0; sent < 9; sent += 1) {
        const { service } = await lab().seenBy('http://foo.com/');
        counts.set(service, (counts.get(service) ?? 0) + 1);
      }
      assert.deepEqual([...counts.values()], [3, 3, 3]);
    });

    test('canary weight: about its share', async () => {
      await apply({
        ingresses: [
          { name: 'main', paths: { 'foo.com/': 'web' } },
          {
            name: 'canary',
            paths: { 'foo.com/': 'api' },
            annotations: { canary: 'true', 'canary-weight': '50' },
            age: 1,
          },
        ],
      });
      const seen = new Set<string>();
      for (let sent = 0; sent < 60; sent += 1)
        seen.add((await lab().seenBy('http://foo.com/')).service);
      assert.deepEqual([...seen].sort(), ['api', 'web']);
    });

    test('custom-http-errors: the default backend answers instead, told what happened', async () => {
      await lab().upstream('sad', '127.1.0.22', (_request, response) =>
        response.writeHead(404).end('nothing'),
      );
      await apply({
        services: { ...services, sad: { ips: ['127.1.0.22'] } },
        ingresses: [
          {
            name: 'one',
            paths: { 'foo.com/': 'sad' },
            annotations: { 'custom-http-errors': '404', 'default-backend': 'fallback' },
          },
        ],
      });
      const seen = await lab().seenBy('http://foo.com/where', {
        headers: { accept: 'text/plain' },
      });
      assert.equal(seen.service, 'fallback');
      assert.equal(seen.headers['x-code'], '404');
      assert.equal(seen.headers['x-format'], 'text/plain');
      assert.equal(seen.headers['x-original-uri'], '/where');
      assert.equal(seen.headers['x-service-name'], 'sad');
    });

    test('headers: upstream-vhost, x-forwarded-prefix, custom-headers', async () => {
      await apply({
        ...only('web', {
          'upstream-vhost': 'inner.com',
          'x-forwarded-prefix': '/pre',
          'custom-headers': 'extra',
        }),
        configMaps: { extra: { 'X-Frame-Options': 'DENY' } },
      });
      const answer = await lab().ask('http://foo.com/');
      assert.equal(answer.headers['x-frame-options'], 'DENY');
      const { headers } = JSON.parse(answer.body) as { headers: Record<string, string> };
      assert.equal(headers['host'], 'inner.com');
      assert.equal(headers['x-forwarded-prefix'], '/pre');
      assert.equal(headers['x-forwarded-host'], 'foo.com');
    });

    test('mirror-target: a copy arrives, its answer is thrown away', async () => {
      const copied = Promise.withResolvers<string>();
      await lab().upstream('copy', '127.1.0.23', (request, response) => {
        void text(request).then((body) =>
          copied.resolve(`${request.method} ${request.url} ${body}`),
        );
        response.writeHead(500).end();
      });
      await apply(only('web', { 'mirror-target': 'http://127.1.0.23:8080' }));
      const seen = await lab().seenBy('http://foo.com/m?x', { method: 'POST', body: 'words' });
      assert.equal(seen.body, 'words');
      assert.equal(await copied.promise, 'POST /m?x words');
    });

    test('proxy-body-size: 413 for a declared and for a streamed body', async () => {
      await apply(only('web', { 'proxy-body-size': '1k' }));
      const declared = await lab().ask('http://foo.com/', {
        method: 'POST',
        body: Buffer.alloc(1025),
      });
      assert.equal(declared.status, 413);
      assert.equal(lab().seen.length, 0);
      const whole = await lab().seenBy('http://foo.com/', {
        method: 'POST',
        body: 'x'.repeat(1024),
      });
      assert.equal(whole.body.length, 1024);
      async function* stream(): AsyncGenerator<Buffer> {
        for (let sent = 0; sent < 4; sent += 1) yield Buffer.alloc(600);
      }
      const streamed = await lab().ask('http://foo.com/', { method: 'POST', body: stream() });
      assert.equal(streamed.status, 413);
    });
  });
}
