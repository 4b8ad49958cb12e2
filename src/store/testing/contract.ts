import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ApiError } from '../../kube/index.ts';
import type { Store } from '../store.ts';
import { collect, dataOf, keyOf, prefix, sample, versionOf } from './samples.ts';

/** What a store implementation brings to the suite. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens it again over the same data. */
  reopen(): Promise<Store>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

function isExpired(message: RegExp) {
  return (error: unknown) =>
    error instanceof ApiError && error.reason === 'Expired' && message.test(error.message);
}

function describeWrites(store: () => Store): void {
  it('sets resourceVersion to the revision of the write', async () => {
    const before = await store().revision();
    const made = await store().create(keyOf('a'), sample('a'));
    assert.equal(versionOf(made), String(before + 1));
    assert.equal(await store().revision(), before + 1);
    assert.deepEqual(await store().get(keyOf('a')), made);
  });

  it('refuses to create a key that exists', async () => {
    await store().create(keyOf('a'), sample('a', '1'));
    assert.equal(await store().create(keyOf('a'), sample('a', '2')), undefined);
    assert.equal(dataOf(await store().get(keyOf('a'))), '1');
  });

  it('updates only the expected version', async () => {
    const first = await store().create(keyOf('a'), sample('a', '1'));
    const second = await store().update(keyOf('a'), sample('a', '2'), versionOf(first));
    assert.equal(dataOf(second), '2');
    assert.equal(await store().update(keyOf('a'), sample('a', '3'), versionOf(first)), undefined);
    assert.equal(await store().update(keyOf('b'), sample('b'), '1'), undefined);
    assert.equal(dataOf(await store().get(keyOf('a'))), '2');
  });

  it('lets one of many concurrent updates of a version win', async () => {
    const first = await store().create(keyOf('a'), sample('a'));
    const writes = Array.from({ length: 10 }, (_, index) =>
      store().update(keyOf('a'), sample('a', String(index)), versionOf(first)),
    );
    const results = await Promise.all(writes);
    assert.equal(results.filter((result) => result !== undefined).length, 1);
  });

  it('deletes only the expected version and returns the last state', async () => {
    const first = await store().create(keyOf('a'), sample('a', '1'));
    const second = await store().update(keyOf('a'), sample('a', '2'), versionOf(first));
    assert.equal(await store().delete(keyOf('a'), versionOf(first)), undefined);
    const last = await store().delete(keyOf('a'), versionOf(second));
    assert.equal(dataOf(last), '2');
    assert.equal(versionOf(last), String(await store().revision()));
    assert.equal(await store().get(keyOf('a')), undefined);
    assert.equal(await store().delete(keyOf('a'), versionOf(second)), undefined);
  });

  it('keeps the last state that the deleter gives', async () => {
    const made = await store().create(keyOf('a'), sample('a', '1'));
    const last = await store().delete(keyOf('a'), versionOf(made), sample('a', 'final'));
    assert.equal(dataOf(last), 'final');
  });

  it('returns objects that nobody can change, and does not keep the caller’s', async () => {
    const mine = sample('a', '1');
    const made = await store().create(keyOf('a'), mine);
    mine.metadata.annotations = { data: 'changed' };
    assert.equal(dataOf(await store().get(keyOf('a'))), '1');
    assert.throws(() => {
      Object.assign(made?.metadata.annotations ?? {}, { data: 'changed' });
    }, TypeError);
  });
}

function describeLists(store: () => Store): void {
  async function fill(names: string): Promise<void> {
    for (const name of names) await store().create(keyOf(name), sample(name));
  }

  async function names(revision?: number): Promise<string> {
    const request = revision === undefined ? { prefix } : { prefix, revision };
    const { objects } = await store().list(request);
    return objects.map((object) => object.metadata.name).join('');
  }

  it('lists keys with the prefix, in order, with the revision', async () => {
    await fill('cab');
    await store().create('/core/configmapsx/default/z', sample('z'));
    await store().create(keyOf('z', 'other'), sample('z'));
    const list = await store().list({ prefix: `${prefix}default/` });
    assert.deepEqual(
      list.objects.map((object) => object.metadata.name),
      ['a', 'b', 'c'],
    );
    assert.equal(list.revision, await store().revision());
    assert.equal(list.remaining, 0);
    assert.equal(list.next, undefined);
    assert.equal((await store().list({ prefix: '/' })).objects.length, 5);
    assert.equal((await store().list({ prefix: '/core/' })).objects.length, 5);
    assert.equal((await store().list({ prefix: '/apps/' })).objects.length, 0);
  });

  it('pages through one revision while writes go on', async () => {
    await fill('abcde');
    const first = await store().list({ prefix, limit: 2 });
    assert.equal(first.remaining, 3);
    await store().delete(keyOf('c'), versionOf(await store().get(keyOf('c'))));
    await store().create(keyOf('ca'), sample('ca'));
    const { revision, next } = first;
    assert.ok(next !== undefined);
    const second = await store().list({ prefix, limit: 2, after: next, revision });
    assert.deepEqual(
      second.objects.map((object) => object.metadata.name),
      ['c', 'd'],
    );
    assert.equal(second.remaining, 1);
    assert.ok(second.next !== undefined);
    const third = await store().list({ prefix, limit: 2, after: second.next, revision });
    assert.deepEqual(
      third.objects.map((object) => object.metadata.name),
      ['e'],
    );
    assert.equal(third.next, undefined);
  });

  it('tells an older revision, its objects as they were', async () => {
    await fill('ab');
    const then = await store().revision();
    const a = await store().get(keyOf('a'));
    await store().update(keyOf('a'), sample('a', 'new'), versionOf(a));
    await fill('c');
    assert.equal(await names(then), 'ab');
    const { objects } = await store().list({ prefix, revision: then });
    assert.equal(dataOf(objects[0]), '');
    assert.equal(await names(), 'abc');
  });

  it('answers Expired beyond the compacted revision, with the API server’s texts', async () => {
    await fill('abc');
    const now = await store().revision();
    await store().compact(now);
    assert.equal(await names(now), 'abc');
    const older = { prefix, revision: now - 1 };
    await assert.rejects(store().list(older), isExpired(/^The resourceVersion for the provided/));
    await assert.rejects(
      store().list({ ...older, after: keyOf('a') }),
      isExpired(/^The provided continue parameter is too old to display a consistent list/),
    );
  });

  it('refuses a revision that is not written yet', async () => {
    const revision = (await store().revision()) + 1;
    await assert.rejects(store().list({ prefix, revision }), /Too large resource version/);
  });
}

function describeWatches(store: () => Store): void {
  it('delivers what is committed already and what comes, in order and once', async () => {
    const start = await store().revision();
    const a = await store().create(keyOf('a'), sample('a', '1'));
    const seen = collect(store(), { prefix, after: start });
    const b = await store().update(keyOf('a'), sample('a', '2'), versionOf(a));
    await store().create('/core/other/default/x', sample('x'));
    await store().delete(keyOf('a'), versionOf(b));
    await seen.waitFor(3);
    assert.deepEqual(
      seen.events.map((event) => [event.type, event.revision - start, dataOf(event.object)]),
      [
        ['ADDED', 1, '1'],
        ['MODIFIED', 2, '2'],
        ['DELETED', 4, '2'],
      ],
    );
    assert.deepEqual(
      seen.events.map((event) => dataOf(event.previous)),
      [undefined, '1', '2'],
    );
    assert.equal(versionOf(seen.events[2]?.object), String(start + 4));
    seen.watch.close();
  });

  it('never calls a handler inside a write or inside a handler', async () => {
    let inside = false;
    let calls = 0;
    const done = Promise.withResolvers<void>();
    store().watch(
      { prefix, after: await store().revision() },
      {
        onEvent() {
          assert.equal(inside, false);
          inside = true;
          calls += 1;
          if (calls < 5) void store().create(keyOf(`n${calls}`), sample('n'));
          else done.resolve();
          inside = false;
        },
        onEnd: (reason) => done.reject(reason),
      },
    );
    inside = true;
    const writing = store().create(keyOf('first'), sample('first'));
    inside = false;
    await writing;
    await done.promise;
  });

  it('ends the watch of a handler that throws, and no other', async () => {
    const after = await store().revision();
    const broken = Promise.withResolvers<Error | undefined>();
    store().watch(
      { prefix, after },
      {
        onEvent() {
          throw new Error('handler broke');
        },
        onEnd: broken.resolve,
      },
    );
    const healthy = collect(store(), { prefix, after });
    await store().create(keyOf('a'), sample('a'));
    await store().create(keyOf('b'), sample('b'));
    await healthy.waitFor(2);
    assert.match(String(await broken.promise), /handler broke/);
  });

  it('delivers nothing after close', async () => {
    const seen = collect(store(), { prefix, after: await store().revision() });
    const other = collect(store(), { prefix, after: await store().revision() });
    await store().create(keyOf('a'), sample('a'));
    seen.watch.close();
    await other.waitFor(1);
    assert.deepEqual(seen.events, []);
    assert.deepEqual(seen.ends, []);
  });

  it('refuses to start before the window', async () => {
    const start = await store().revision();
    await store().create(keyOf('a'), sample('a'));
    await store().create(keyOf('b'), sample('b'));
    await store().compact(start + 1);
    assert.throws(
      () => collect(store(), { prefix, after: start }),
      isExpired(new RegExp(`^too old resource version: ${start} \\(${start + 1}\\)$`)),
    );
  });

  it('ends watches when the store closes', async () => {
    const seen = collect(store(), { prefix, after: await store().revision() });
    await store().close();
    await seen.waitForEnd();
    assert.match(String(seen.ends[0]), /closed/);
    await assert.rejects(store().get(keyOf('a')), /closed/);
  });
}

function describeReopening(store: () => Store, reopen: () => Promise<Store>): void {
  it('finds everything again, and never uses a revision twice', async () => {
    await store().create(keyOf('a'), sample('a', '1'));
    const b = await store().create(keyOf('b'), sample('b'));
    await store().delete(keyOf('b'), versionOf(b));
    const before = await store().revision();
    const again = await reopen();
    assert.equal(await again.revision(), before);
    assert.equal(dataOf(await again.get(keyOf('a'))), '1');
    assert.equal(await again.get(keyOf('b')), undefined);
    const c = await again.create(keyOf('c'), sample('c'));
    assert.equal(versionOf(c), String(before + 1));
  });
}

/** Runs every promise of the {@link Store} contract against an implementation. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let subject: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      subject = await open();
      store = subject.store;
    });
    afterEach(() => subject.dispose());
    describe('writes', () => describeWrites(() => store));
    describe('lists', () => describeLists(() => store));
    describe('watches', () => describeWatches(() => store));
    describe('reopening', () =>
      describeReopening(
        () => store,
        () => subject.reopen(),
      ));
  });
}
