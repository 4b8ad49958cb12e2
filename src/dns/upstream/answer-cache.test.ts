import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { rcodes } from '../../dnswire/index.ts';
import { addressRecord, authorityRecord, queryOf } from '../../dnswire/testing/messages.ts';
import { ForwardingLab, type TestEngine } from '../testing/forwarding-lab.ts';
import { answersOf } from '../testing/lab.ts';
import type { FakeUpstream } from '../testing/upstream.ts';

const name = 'a.example.';
const soa = authorityRecord(20);

const lab = new ForwardingLab();
afterEach(() => lab.close());

type Mood = 'answers' | 'denies' | 'fails';

interface Scene extends TestEngine {
  readonly upstream: FakeUpstream;
  /** What the upstream says from now on; the address of its answers counts up. */
  mood: Mood;
}

async function sceneOf(...options: string[]): Promise<Scene> {
  let address = 0;
  const upstream = await lab.upstream((asked) => {
    if (scene.mood === 'fails') return { rcode: rcodes.SERVFAIL };
    if (scene.mood === 'denies') return { rcode: rcodes.NXDOMAIN, authorities: [soa] };
    address += 1;
    return { answers: [addressRecord(asked, `192.0.2.${address}`, 20)] };
  });
  const cache = `cache {\n ${options.join('\n ')}\n }`;
  const engine = lab.engine({ corefile: `. {\n forward . ${upstream.text}\n ${cache}\n}` });
  const scene: Scene = { ...engine, upstream, mood: 'answers' };
  return scene;
}

/** The answer in a word. */
async function said({ ask }: Scene): Promise<string> {
  const answer = await ask(queryOf(name));
  return answer.rcode === rcodes.NOERROR ? answersOf(answer).join(' ') : `rcode ${answer.rcode}`;
}

const record = (last: number, ttl: number): string => `a.example. ${ttl} IN A 192.0.2.${last}`;

describe('cache', () => {
  test('success: at most the TTL, at least the minimum, as many as the capacity', async () => {
    const scene = await sceneOf('success 1 10 5');
    await said(scene);
    await scene.clock.advance(9000);
    assert.equal(await said(scene), record(1, 1));
    await scene.ask(queryOf('b.example.'));
    assert.equal(await said(scene), record(3, 20), 'the other one took its place');
  });

  test('disable success: none is kept, denials are', async () => {
    const scene = await sceneOf('disable success');
    await said(scene);
    assert.equal(await said(scene), record(2, 20));
    scene.mood = 'denies';
    await said(scene);
    scene.mood = 'answers';
    assert.equal(await said(scene), 'rcode 3');
  });

  test('servfail 0s: a failure is not kept', async () => {
    const scene = await sceneOf('servfail 0s');
    scene.mood = 'fails';
    assert.equal(await said(scene), 'rcode 2');
    scene.mood = 'answers';
    assert.equal(await said(scene), record(1, 20));
  });

  test('servfail 10s: it is for so long', async () => {
    const scene = await sceneOf('servfail 10s');
    scene.mood = 'fails';
    await said(scene);
    scene.mood = 'answers';
    await scene.clock.advance(9000);
    assert.equal(await said(scene), 'rcode 2');
    await scene.clock.advance(1000);
    assert.equal(await said(scene), record(1, 20));
  });

  test('a failure of a prefetch does not take the answer that is still good', async () => {
    const scene = await sceneOf('success 10 20', 'prefetch 1 1m 90%');
    await said(scene);
    scene.mood = 'fails';
    await scene.clock.advance(15_000);
    const before = scene.upstream.asked.length;
    assert.equal(await said(scene), record(1, 5));
    while (scene.upstream.asked.length === before) await setImmediate();
    // Another question is answered after the failure of the prefetch came in: both go the same way.
    await scene.ask(queryOf('b.example.'));
    assert.equal(await said(scene), record(1, 5));
  });

  test('a clock that was set back ends what nobody knows the age of', async () => {
    const scene = await sceneOf('success 10 20');
    await said(scene);
    await scene.clock.advance(-3_600_000);
    assert.equal(await said(scene), record(2, 20));
  });

  test('keepttl: the TTL stays what upstream said', async () => {
    const scene = await sceneOf('keepttl');
    await said(scene);
    await scene.clock.advance(15_000);
    assert.equal(await said(scene), record(1, 20));
  });
});

describe('prefetch', () => {
  test('a popular answer is asked for anew before it ends', async () => {
    const scene = await sceneOf('prefetch 2 1m 50%');
    await said(scene);
    await said(scene);
    await scene.clock.advance(10_000);
    assert.equal(await said(scene), record(1, 10));
    while ((await said(scene)) !== record(2, 20)) await setImmediate();
    assert.match(scene.metricsText(), /^coredns_cache_prefetch_total\{.*\} \d+$/m);
    assert.match(scene.metricsText(), /^coredns_cache_misses_total\{.*\} 1$/m);
  });

  test('one that is rarely asked for is not', async () => {
    const scene = await sceneOf('prefetch 2 5s 50%');
    await said(scene);
    await scene.clock.advance(10_000);
    await said(scene);
    await scene.clock.advance(6000);
    await said(scene);
    assert.equal(scene.upstream.asked.length, 1);
  });
});

describe('serve_stale', () => {
  test('immediate: the old answer at once, with a TTL of 0, and the new one next time', async () => {
    const scene = await sceneOf('serve_stale 1h immediate');
    await said(scene);
    await scene.clock.advance(60_000);
    assert.equal(await said(scene), record(1, 0));
    while ((await said(scene)) !== record(2, 20)) await setImmediate();
    assert.match(scene.metricsText(), /^coredns_cache_served_stale_total\{.*\} \d+$/m);
  });

  test('verified: the old answer only when upstream has none', async () => {
    const scene = await sceneOf('serve_stale 1h verified');
    await said(scene);
    await scene.clock.advance(60_000);
    assert.equal(await said(scene), record(2, 20));
    await scene.clock.advance(60_000);
    scene.mood = 'fails';
    assert.equal(await said(scene), record(2, 0));
  });

  test('no longer than it says', async () => {
    const scene = await sceneOf('serve_stale 1m verified', 'servfail 0s');
    await said(scene);
    scene.mood = 'fails';
    await scene.clock.advance(81_000);
    assert.equal(await said(scene), 'rcode 2');
  });

  test('a denial replaces the old answer', async () => {
    const scene = await sceneOf('serve_stale 1h verified');
    await said(scene);
    scene.mood = 'denies';
    await scene.clock.advance(60_000);
    assert.equal(await said(scene), 'rcode 3');
    scene.mood = 'fails';
    await scene.clock.advance(60_000);
    assert.equal(await said(scene), 'rcode 2', 'and is not served past its end');
  });
});
