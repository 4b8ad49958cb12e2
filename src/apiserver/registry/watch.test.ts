import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Watch, WatchEvent } from '../../client/index.ts';
import { configMap, openTestRegistry, type TestRegistry } from './testing/registry.ts';
import type { WatchQuery } from './watch.ts';

/** A watch whose events are waited for, not slept for. */
interface Recording {
  readonly watch: Watch;
  readonly events: WatchEvent[];
  readonly ended: Promise<Error | undefined>;
  /** Resolves with `TYPE NAME` of the first `count` events. */
  readonly first: (count: number) => Promise<string[]>;
}

function label({ type, object }: WatchEvent): string {
  return `${type} ${object.metadata.name ?? ''}`.trim();
}

describe('watch', () => {
  let test: TestRegistry;
  before(async () => {
    test = await openTestRegistry();
  });
  after(() => test.close());

  async function record(namespace: string, query: WatchQuery = {}): Promise<Recording> {
    const events: WatchEvent[] = [];
    const waiting = new Set<() => void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<Error | undefined>();
    const watch = await test.registry.watch({
      collection: { kind: test.kind('configmaps'), namespace },
      query,
      listener: {
        onEvent: (event) => {
          events.push(event);
          for (const check of waiting) check();
        },
        onEnd: end,
      },
    });
    const first = (count: number): Promise<string[]> =>
      new Promise((resolve) => {
        const check = (): void => {
          if (events.length < count) return;
          waiting.delete(check);
          resolve(events.slice(0, count).map(label));
        };
        waiting.add(check);
        check();
      });
    return { watch, events, ended, first };
  }

  function create(namespace: string, name: string, labels: Record<string, string> = {}) {
    const kind = test.kind('configmaps');
    const object = configMap(name, { labels });
    return test.registry.create({ kind, namespace, object, call: test.call() });
  }

  function relabel(namespace: string, name: string, labels: Record<string, string | null>) {
    const kind = test.kind('configmaps').definition;
    const body = { metadata: { labels } };
    return test.client.patch(kind, { namespace, name }, { type: 'merge', body });
  }

  it('starts with what is there, then follows', async () => {
    await create('plain', 'there');
    const { first, watch } = await record('plain');
    await create('plain', 'new');
    await relabel('plain', 'new', { a: 'b' });
    const kind = test.kind('configmaps').definition;
    await test.client.delete(kind, { namespace: 'plain', name: 'there' });
    assert.deepEqual(await first(4), ['ADDED there', 'ADDED new', 'MODIFIED new', 'DELETED there']);
    watch.close();
  });

  it('starts after a version without a gap', async () => {
    const { metadata } = await create('from', 'one');
    await create('from', 'two');
    const { first, watch } = await record('from', { resourceVersion: metadata.resourceVersion });
    assert.deepEqual(await first(1), ['ADDED two']);
    watch.close();
  });

  it('shows what enters and leaves a selection as added and deleted', async () => {
    await create('selected', 'other', { in: 'no' });
    const { first, events, watch } = await record('selected', { labelSelector: 'in=yes' });
    await create('selected', 'moving', { in: 'no' });
    await relabel('selected', 'moving', { in: 'yes' });
    await relabel('selected', 'moving', { in: 'yes', more: 'x' });
    const left = await relabel('selected', 'moving', { in: 'no' });
    assert.deepEqual(await first(3), ['ADDED moving', 'MODIFIED moving', 'DELETED moving']);
    const last = events[2]?.object.metadata;
    assert.deepEqual(last?.labels, { in: 'yes', more: 'x' });
    assert.equal(last?.resourceVersion, left.metadata.resourceVersion);
    watch.close();
  });

  it('says when the initial events are over', async () => {
    await create('initial', 'one');
    const { events, first, watch } = await record('initial', {
      sendInitialEvents: true,
      allowWatchBookmarks: true,
      resourceVersionMatch: 'NotOlderThan',
    });
    assert.deepEqual(await first(2), ['ADDED one', 'BOOKMARK']);
    const { annotations } = events[1]?.object.metadata ?? {};
    assert.deepEqual(annotations, { 'k8s.io/initial-events-end': 'true' });
    watch.close();
  });

  it('sends bookmarks each minute, and one before it times out', async () => {
    const query = { allowWatchBookmarks: true, timeoutSeconds: 90 };
    const { events, first, ended } = await record('bookmarks', query);
    await create('elsewhere', 'unrelated');
    await test.clock.advance(60_000);
    await first(1);
    await test.clock.advance(30_000);
    assert.equal(await ended, undefined);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['BOOKMARK', 'BOOKMARK'],
    );
  });

  it('refuses versions that are gone, that are not yet there, and odd options', async () => {
    await create('old', 'one');
    await test.store.compact(await test.store.revision());
    await assert.rejects(record('old', { resourceVersion: '1' }), { reason: 'Expired' });
    await assert.rejects(record('old', { resourceVersion: '999999' }), { reason: 'Timeout' });
    await assert.rejects(record('old', { sendInitialEvents: true }), { reason: 'Invalid' });
    await assert.rejects(record('old', { resourceVersionMatch: 'Exact' }), { reason: 'Invalid' });
  });
});
