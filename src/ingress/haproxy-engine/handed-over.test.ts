import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { IngressSketch } from '../../routes/testing/world.ts';
import { services, useLab } from '../testing/engine-suite.ts';
import { HaproxyEngine } from './haproxy-engine.ts';
import { whereHaproxyIs } from './testing/where-haproxy-is.ts';

/** One route that HAProxy answers for, and one that it hands over. */
const ingresses: IngressSketch[] = [
  { name: 'native', paths: { 'foo.com/native': 'web' } },
  {
    name: 'handed',
    paths: { 'foo.com/handed': 'web' },
    annotations: { 'enable-cors': 'true' },
  },
];

whereHaproxyIs(() => {
  describe('haproxy engine: what is handed over', () => {
    const lab = useLab((options) => HaproxyEngine.start(options));

    for (const scheme of ['http', 'https'] as const) {
      test(`${scheme}: upstreams and logs are told the same either way`, async () => {
        await lab().apply({ services, ingresses });
        const stories = [];
        for (const path of ['/native', '/handed']) {
          const headers = { 'x-request-id': `id${path.slice(1)}`, 'x-forwarded-for': '10.9.9.9' };
          const seen = await lab().seenBy(`${scheme}://foo.com${path}`, {
            headers,
            from: '127.0.0.7',
          });
          const { reason, client, backend, upstreams, status, host } = await lab().recorded(path);
          const told = Object.entries(seen.headers).filter(([name]) => name.startsWith('x-'));
          const { 'x-request-id': id, ...others } = Object.fromEntries(told);
          assert.equal(id, headers['x-request-id']);
          stories.push({ others, reason, client, backend, upstreams, status, host });
        }
        assert.deepEqual(stories[0], stories[1]);
        assert.deepEqual(stories[0]?.others, {
          'x-forwarded-for': '127.0.0.7',
          'x-forwarded-host': 'foo.com',
          'x-forwarded-port': scheme === 'http' ? '80' : '443',
          'x-forwarded-proto': scheme,
          'x-forwarded-scheme': scheme,
          'x-original-forwarded-for': '10.9.9.9',
          'x-real-ip': '127.0.0.7',
          'x-scheme': scheme,
        });
      });
    }
  });
});
