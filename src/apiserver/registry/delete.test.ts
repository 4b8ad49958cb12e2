import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DeleteOptions } from '../../client/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import type { Deleted } from './delete.ts';
import { configMap, openTestRegistry, pod, type TestRegistry } from './testing/registry.ts';

describe('delete', () => {
  let test: TestRegistry;
  before(async () => {
    test = await openTestRegistry();
  });
  after(() => test.close());

  function remove(plural: string, name: string, options: DeleteOptions = {}): Promise<Deleted> {
    return test.registry.delete(test.target(plural, name), options, test.call());
  }

  function stored(plural: string, name: string): Promise<AnyObject> {
    return test.registry.get(test.target(plural, name));
  }

  it('removes an object without grace at once', async () => {
    await test.create(configMap('plain'));
    assert.equal((await remove('configmaps', 'plain')).isGone, true);
    await assert.rejects(remove('configmaps', 'plain'), {
      reason: 'NotFound',
      message: 'configmaps "plain" not found',
    });
  });

  it('removes a pod without a node at once', async () => {
    await test.create(pod('unassigned'));
    assert.equal((await remove('pods', 'unassigned')).isGone, true);
  });

  it('gives a pod on a node its grace, which a second delete may only shorten', async () => {
    await test.create(pod('graceful', 'node1'));
    const first = await remove('pods', 'graceful');
    assert.equal(first.isGone, false);
    assert.equal(first.object.metadata.deletionGracePeriodSeconds, 30);
    assert.equal(first.object.metadata.deletionTimestamp, '2026-11-21T08:00:30Z');
    const longer = await remove('pods', 'graceful', { gracePeriodSeconds: 60 });
    assert.equal(longer.object.metadata.resourceVersion, first.object.metadata.resourceVersion);
    const shorter = await remove('pods', 'graceful', { gracePeriodSeconds: 5 });
    assert.equal(shorter.object.metadata.deletionTimestamp, '2026-11-21T08:00:05Z');
    assert.equal((await remove('pods', 'graceful', { gracePeriodSeconds: 0 })).isGone, true);
  });

  it('keeps an object until its finalizers are gone', async () => {
    await test.create(configMap('held', { finalizers: ['example.com/hold'] }));
    const marked = await remove('configmaps', 'held');
    assert.equal(marked.isGone, false);
    assert.equal(marked.object.metadata.deletionGracePeriodSeconds, 0);
    const body = { metadata: { finalizers: ['example.com/hold', 'example.com/new'] } };
    const ref = { name: 'held', namespace: 'default' };
    const kind = test.kind('configmaps').definition;
    await assert.rejects(test.client.patch(kind, ref, { type: 'merge', body }), {
      reason: 'Invalid',
    });
    await test.client.patch(kind, ref, { type: 'merge', body: { metadata: { finalizers: null } } });
    await assert.rejects(stored('configmaps', 'held'), { reason: 'NotFound' });
  });

  it('turns the propagation policy into finalizers', async () => {
    await test.create(configMap('owner'));
    await remove('configmaps', 'owner', { propagationPolicy: 'Foreground' });
    const foreground = await stored('configmaps', 'owner');
    assert.deepEqual(foreground.metadata.finalizers, ['foregroundDeletion']);
    await remove('configmaps', 'owner', { propagationPolicy: 'Orphan' });
    const orphan = await stored('configmaps', 'owner');
    assert.deepEqual(orphan.metadata.finalizers, ['orphan']);
    assert.equal(
      (await remove('configmaps', 'owner', { propagationPolicy: 'Background' })).isGone,
      true,
    );
  });

  it('refuses when a precondition fails', async () => {
    const { metadata } = await test.create(configMap('guarded'));
    const before = await test.contents();
    await assert.rejects(remove('configmaps', 'guarded', { preconditions: { uid: 'other' } }), {
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on configmaps "guarded": Precondition failed: UID in precondition: other, UID in object meta: ${metadata.uid}`,
    });
    await assert.rejects(
      remove('configmaps', 'guarded', { preconditions: { resourceVersion: '1' } }),
      { reason: 'Conflict' },
    );
    assert.equal(await test.contents(), before);
  });

  it('writes nothing in a dry run', async () => {
    await test.create(configMap('dry'));
    const before = await test.contents();
    const target = test.target('configmaps', 'dry');
    const deleted = await test.registry.delete(target, {}, test.call({ dryRun: true }));
    assert.equal(deleted.isGone, true);
    assert.equal(await test.contents(), before);
  });

  it('lets a namespace go when it is finalized', async () => {
    await test.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'emptied' } });
    const { object } = await remove('namespaces', 'emptied');
    assert.deepEqual(object['status'], { phase: 'Terminating' });
    await assert.rejects(remove('namespaces', 'emptied'), { reason: 'Conflict' });
    const ref = { name: 'emptied', subresource: 'finalize' };
    const body = { ...object, spec: { finalizers: [] } };
    await test.client.createSubresource(test.kind('namespaces').definition, ref, body);
    await assert.rejects(stored('namespaces', 'emptied'), { reason: 'NotFound' });
  });

  it('deletes a collection by selector', async () => {
    await test.create(configMap('in-1', { labels: { set: 'in' } }));
    await test.create(configMap('in-2', { labels: { set: 'in' } }));
    await test.create(configMap('out', { labels: { set: 'out' } }));
    const collection = { kind: test.kind('configmaps'), namespace: 'default' };
    const query = { labelSelector: 'set=in' };
    const request = { collection, query, options: {}, call: test.call() };
    const { items } = await test.registry.deleteCollection(request);
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['in-1', 'in-2'],
    );
    assert.equal((await test.registry.list(collection, query)).items.length, 0);
    assert.ok(await stored('configmaps', 'out'));
  });
});
