import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Store } from '../store.ts';
import { collect, dataOf, keyOf, prefix, sample, versionOf } from '../testing/samples.ts';
import { openSqliteStore } from './sqlite-store.ts';

/** The simplest thing that could be a store: every revision's whole content. */
interface Model {
  readonly revisions: ReadonlyMap<string, string>[];
}

type Step =
  | { readonly do: 'write' | 'delete'; readonly name: string; readonly data: string }
  | { readonly do: 'reopen' };

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('write' as const), name: names, data: fc.string() }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('delete' as const), name: names, data: fc.string() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  ),
  { maxLength: 40 },
);

async function apply(store: Store, model: Model, step: Exclude<Step, { do: 'reopen' }>) {
  const key = keyOf(step.name);
  const now = new Map(model.revisions.at(-1));
  const current = await store.get(key);
  assert.equal(dataOf(current), now.get(step.name));
  if (step.do === 'delete') {
    const last = await store.delete(key, versionOf(current));
    assert.equal(last !== undefined, now.delete(step.name));
    if (last === undefined) return;
  } else {
    const object = sample(step.name, step.data);
    if (current === undefined) assert.ok(await store.create(key, object));
    else assert.ok(await store.update(key, object, versionOf(current)));
    now.set(step.name, step.data);
  }
  model.revisions.push(now);
}

function inOrder(content: ReadonlyMap<string, string> = new Map()): [string, string][] {
  return [...content].sort(([one], [two]) => (one < two ? -1 : 1));
}

async function listed(store: Store, revision: number): Promise<[string, string | undefined][]> {
  const found: [string, string | undefined][] = [];
  for (let after: string | undefined; ;) {
    const page = await store.list({ prefix, revision, limit: 2, ...(after && { after }) });
    found.push(
      ...page.objects.map((o): [string, string | undefined] => [o.metadata.name, dataOf(o)]),
    );
    if (page.next === undefined) return found;
    after = page.next;
  }
}

async function check(path: string, sequence: readonly Step[]): Promise<void> {
  const model: Model = { revisions: [new Map()] };
  let store = openSqliteStore({ path });
  let floor = 0;
  for (const step of sequence) {
    if (step.do === 'reopen') {
      await store.close();
      store = openSqliteStore({ path });
      floor = await store.revision();
    } else await apply(store, model, step);
  }
  assert.equal(await store.revision(), model.revisions.length - 1);
  for (let revision = floor; revision < model.revisions.length; revision += 1)
    assert.deepEqual(await listed(store, revision), inOrder(model.revisions[revision]));

  const replayed = new Map(model.revisions[floor]);
  const seen = collect(store, { prefix, after: floor });
  await seen.waitFor(model.revisions.length - 1 - floor);
  for (const { type, object } of seen.events) {
    if (type === 'DELETED') replayed.delete(object.metadata.name);
    else replayed.set(object.metadata.name, dataOf(object) ?? '');
  }
  assert.deepEqual(replayed, new Map(model.revisions.at(-1)));
  await store.close();
}

test('any sequence of writes and restarts gives the model’s lists at every revision, and its events', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const directory = mkdtempSync(join(tmpdir(), 'portolan-store-'));
      try {
        await check(join(directory, 'store.db'), sequence);
      } finally {
        rmSync(directory, { recursive: true });
      }
    }),
    { numRuns: 100 },
  );
});
