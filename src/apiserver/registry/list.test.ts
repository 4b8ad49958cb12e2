import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Collection } from './context.ts';
import type { ListQuery } from './list.ts';
import { configMap, openTestRegistry, pod, type TestRegistry } from './testing/registry.ts';

describe('list', () => {
  let test: TestRegistry;
  let configMaps: Collection;
  before(async () => {
    test = await openTestRegistry();
    configMaps = { kind: test.kind('configmaps'), namespace: 'default' };
    for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await test.create(configMap(name, { labels: { parity: index % 2 === 0 ? 'even' : 'odd' } }));
    }
  });
  after(() => test.close());

  async function names(query: ListQuery): Promise<string[]> {
    const { items } = await test.registry.list(configMaps, query);
    return items.map(({ metadata }) => metadata.name);
  }

  it('selects by labels and fields', async () => {
    assert.deepEqual(await names({}), ['a', 'b', 'c', 'd', 'e']);
    assert.deepEqual(await names({ labelSelector: 'parity=odd' }), ['b', 'd']);
    assert.deepEqual(await names({ fieldSelector: 'metadata.name=c' }), ['c']);
    assert.deepEqual(await names({ fieldSelector: 'metadata.name=c,metadata.name!=c' }), []);
    await test.create(pod('on-node', 'node1'));
    const pods = { kind: test.kind('pods'), namespace: undefined };
    const query = { fieldSelector: 'spec.nodeName=node1' };
    assert.equal((await test.registry.list(pods, query)).items.length, 1);
  });

  it('takes a limit below zero for none', async () => {
    assert.deepEqual(await names({ limit: -1 }), ['a', 'b', 'c', 'd', 'e']);
  });

  it('goes on where a page ended, as of the first page', async () => {
    const first = await test.registry.list(configMaps, { limit: 2 });
    assert.deepEqual(
      first.items.map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
    assert.equal(first.metadata.remainingItemCount, 3);
    await test.create(configMap('c-later'));
    const query = { limit: 10, continue: first.metadata.continue };
    const second = await test.registry.list(configMaps, query);
    assert.deepEqual(
      second.items.map(({ metadata }) => metadata.name),
      ['c', 'd', 'e'],
    );
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
    assert.equal(second.metadata.continue, undefined);
  });

  it('fills pages with what a selector matches', async () => {
    const page = await test.registry.list(configMaps, { limit: 2, labelSelector: 'parity=even' });
    assert.deepEqual(
      page.items.map(({ metadata }) => metadata.name),
      ['a', 'c'],
    );
    assert.equal(page.metadata.remainingItemCount, undefined);
    const next = { labelSelector: 'parity=even', limit: 2, continue: page.metadata.continue };
    assert.deepEqual(await names(next), ['e']);
  });

  it('lists as of an exact version', async () => {
    const { metadata } = await test.registry.list(configMaps);
    await test.create(configMap('z-later'));
    const { resourceVersion } = metadata;
    const query = { resourceVersion, resourceVersionMatch: 'Exact' };
    assert.equal((await names(query)).includes('z-later'), false);
    assert.equal((await names({ resourceVersion })).includes('z-later'), true);
  });

  const refusals: readonly (readonly [ListQuery, string])[] = [
    [{ continue: 'nonsense' }, 'BadRequest'],
    [{ resourceVersion: 'x' }, 'BadRequest'],
    [{ resourceVersion: '999999' }, 'Timeout'],
    [{ resourceVersionMatch: 'Exact' }, 'Invalid'],
    [{ resourceVersion: '0', resourceVersionMatch: 'Exact' }, 'Invalid'],
    [{ labelSelector: '!!' }, 'BadRequest'],
    [{ fieldSelector: 'spec.nope=1' }, 'BadRequest'],
  ];
  for (const [query, reason] of refusals) {
    it(`answers ${JSON.stringify(query)} with ${reason}`, async () => {
      await assert.rejects(test.registry.list(configMaps, query), { reason });
    });
  }
});
