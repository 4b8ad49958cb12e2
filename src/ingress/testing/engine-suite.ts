import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { one, scenarios } from '../../routes/testing/scenarios.ts';
import type { IngressSketch, ServiceSketch } from '../../routes/testing/world.ts';
import { EngineLab, type StartEngine } from './engine-lab.ts';

/** Services of the scenarios, each with a server of its own. */
const names = ['web', 'api', 'shop', 'old', 'fallback'];

export const services: Record<string, ServiceSketch> = Object.fromEntries(
  names.map((name, at) => [name, { ips: [`127.1.0.${at + 1}`] }]),
);

/** Starts a lab with an upstream for each Service before the tests, and ends it after them. */
export function useLab(start: StartEngine): () => EngineLab {
  let lab: EngineLab;
  before(async () => {
    lab = new EngineLab();
    for (const [at, name] of names.entries()) await lab.upstream(name, `127.1.0.${at + 1}`);
    await lab.start(start);
  });
  beforeEach(() => {
    lab.seen.length = 0;
    lab.records.length = 0;
  });
  after(() => lab.stop());
  return () => lab;
}

/** One Ingress with one path, `foo.com/`, that leads to a Service. */
export const only = (
  service: string,
  annotations: Record<string, string> = {},
  other: Partial<IngressSketch> = {},
): { ingresses: IngressSketch[] } => ({
  ingresses: one({ 'foo.com/': service }, annotations).map((sketch) => ({ ...sketch, ...other })),
});

/** What every engine does: the scenarios of the judgement, played with real requests. */
export function routingSuite(name: string, start: StartEngine): void {
  describe(`${name}: routing`, () => {
    const lab = useLab(start);

    for (const { title, ingresses, answers } of scenarios) {
      test(title, async () => {
        await lab().apply({ services, ingresses });
        const told = await Promise.all(
          Object.keys(answers).map(async (url) => [url, await story(lab(), url)]),
        );
        const expected = Object.entries(answers).map(([url, text]) => [url, withoutReason(text)]);
        assert.deepEqual(Object.fromEntries(told), Object.fromEntries(expected));
      });
    }

    test('a route is live when apply has resolved, and gone with the next table', async () => {
      for (let round = 0; round < 20; round += 1) {
        const host = `h${round}.com`;
        await lab().apply({ services, ingresses: one({ [`${host}/`]: 'web' }) });
        assert.equal(await story(lab(), `http://${host}/x`), 'web /x');
        if (round > 0) assert.equal(await story(lab(), `http://h${round - 1}.com/`), '404');
      }
    });

    test('what is told of a request is what explain will say', async () => {
      await lab().apply({ services, ingresses: one({ 'foo.com/': 'web' }) });
      await lab().ask('http://foo.com/told', { headers: { 'x-request-id': 'id-1' } });
      const record = await lab().recorded('/told');
      assert.equal(record.status, 200);
      assert.equal(record.reason, 'FORWARDED');
      assert.deepEqual(record.route, { ingress: 'default/one', rule: 0, path: 0 });
      assert.equal(record.backend, 'default/web:80 http');
      assert.deepEqual(record.upstreams, ['127.1.0.1:8080']);
      assert.equal(record.requestId, 'id-1');
    });
    afterEach(() => lab().apply({ services, ingresses: [] }));
  });
}

function withoutReason(story: string): string {
  return story.replace(/ (?:NO_ROUTE|NO_UPSTREAM|BAD_REQUEST)$/u, '');
}

async function story(lab: EngineLab, url: string): Promise<string> {
  const { status, headers, body } = await lab.ask(url);
  if (headers.location !== undefined) return `${status} ${headers.location}`;
  if (status !== 200) return String(status);
  const { service, target } = JSON.parse(body) as { service: string; target: string };
  return `${service} ${target}`;
}
