import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AnyObject } from '../../kube/index.ts';
import { privateCopy } from './private-copy.ts';
import {
  configMap,
  deployment,
  openTestRegistry,
  pod,
  type TestRegistry,
} from './testing/registry.ts';

function changed(object: AnyObject, change: (copy: AnyObject) => void): AnyObject {
  const copied = privateCopy(object);
  change(copied);
  return copied;
}

const text409 =
  'the object has been modified; please apply your changes to the latest version and try again';

describe('update', () => {
  let test: TestRegistry;
  before(async () => {
    test = await openTestRegistry();
  });
  after(() => test.close());

  it('writes over the version that it names, once', async () => {
    const first = await test.create(configMap('versions'));
    const target = test.target('configmaps', 'versions');
    const wanted = changed(first, (copy) => (copy['data'] = { key: 'second' }));
    const second = await test.registry.update(target, wanted, test.call());
    assert.ok(Number(second.metadata.resourceVersion) > Number(first.metadata.resourceVersion));
    const before = await test.contents();
    await assert.rejects(test.registry.update(target, wanted, test.call()), {
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on configmaps "versions": ${text409}`,
    });
    assert.equal(await test.contents(), before);
  });

  it('writes over any version when it names none', async () => {
    const first = await test.create(configMap('unconditional'));
    const wanted = changed(first, (copy) => {
      delete copy.metadata.resourceVersion;
      copy['data'] = { key: 'new' };
    });
    const target = test.target('configmaps', 'unconditional');
    const second = await test.registry.update(target, wanted, test.call());
    assert.deepEqual(second['data'], { key: 'new' });
    assert.equal(second.metadata.uid, first.metadata.uid);
  });

  it('does not write what changes nothing', async () => {
    const first = await test.create(deployment('same', 2));
    const target = test.target('deployments', 'same');
    const second = await test.registry.update(target, first, test.call());
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  it('counts changes of the spec as generations, and no others', async () => {
    const first = await test.create(deployment('counted', 2));
    const target = test.target('deployments', 'counted');
    const labelled = changed(first, (copy) => (copy.metadata.labels = { a: 'b' }));
    const second = await test.registry.update(target, labelled, test.call());
    assert.equal(second.metadata.generation, 1);
    const scaled = changed(second, (copy) => ((copy['spec'] as { replicas: number }).replicas = 5));
    const third = await test.registry.update(target, scaled, test.call());
    assert.equal(third.metadata.generation, 2);
    const status = { type: 'merge', body: { status: { replicas: 5 } } } as const;
    const ref = { name: 'counted', namespace: 'default', subresource: 'status' } as const;
    const fourth = await test.client.patch(test.kind('deployments').definition, ref, status);
    assert.equal(fourth.metadata.generation, 2);
    assert.deepEqual(fourth['status'], { replicas: 5 });
  });

  it('keeps the status from writes to the object, and the rest from writes to the status', async () => {
    const first = await test.create(pod('apart'));
    const kind = test.kind('pods').definition;
    const running = changed(first, (copy) => {
      copy['status'] = { phase: 'Running' };
      copy.metadata.labels = { not: 'taken' };
    });
    const second = await test.client.updateStatus(kind, running);
    assert.equal((second['status'] as { phase: string }).phase, 'Running');
    assert.equal(second.metadata.labels, undefined);
    const failed = changed(second, (copy) => {
      copy['status'] = { phase: 'Failed' };
      copy.metadata.labels = { a: 'b' };
    });
    const third = await test.client.update(kind, failed);
    assert.equal((third['status'] as { phase: string }).phase, 'Running');
    assert.deepEqual(third.metadata.labels, { a: 'b' });
  });

  it('refuses another uid, another name, an object that is not there', async () => {
    const first = await test.create(configMap('strict'));
    const target = test.target('configmaps', 'strict');
    const before = await test.contents();
    const other = changed(first, (copy) => (copy.metadata.uid = 'other'));
    await assert.rejects(test.registry.update(target, other, test.call()), {
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on configmaps "strict": Precondition failed: UID in precondition: other, UID in object meta: ${first.metadata.uid}`,
    });
    const renamed = changed(first, (copy) => (copy.metadata.name = 'renamed'));
    await assert.rejects(test.registry.update(target, renamed, test.call()), {
      reason: 'BadRequest',
      message: 'the name of the object (renamed) does not match the name on the URL (strict)',
    });
    const missing = test.target('configmaps', 'missing');
    await assert.rejects(test.registry.update(missing, configMap('missing'), test.call()), {
      reason: 'NotFound',
    });
    assert.equal(await test.contents(), before);
  });

  it('patches on top of writes that come between', async () => {
    await test.create(configMap('raced'));
    const kind = test.kind('configmaps').definition;
    const ref = { name: 'raced', namespace: 'default' };
    const names = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    await Promise.all(
      names.map((name) =>
        test.client.patch(kind, ref, { type: 'merge', body: { data: { [name]: 'x' } } }),
      ),
    );
    const { data } = (await test.client.get(kind, ref)) as AnyObject & { data: object };
    assert.equal(Object.keys(data).length, names.length + 1);
  });

  it('refuses a patch that names an old version', async () => {
    const first = await test.create(configMap('patched'));
    const kind = test.kind('configmaps').definition;
    const ref = { name: 'patched', namespace: 'default' };
    await test.client.patch(kind, ref, { type: 'merge', body: { data: { a: '1' } } });
    const { resourceVersion } = first.metadata;
    const body = { metadata: { resourceVersion }, data: { a: '2' } };
    await assert.rejects(test.client.patch(kind, ref, { type: 'merge', body }), {
      reason: 'Conflict',
    });
  });

  it('writes nothing in a dry run', async () => {
    const first = await test.create(configMap('dry'));
    const before = await test.contents();
    const target = test.target('configmaps', 'dry');
    const wanted = changed(first, (copy) => (copy['data'] = { key: 'other' }));
    const answer = await test.registry.update(target, wanted, test.call({ dryRun: true }));
    assert.deepEqual(answer['data'], { key: 'other' });
    assert.equal(await test.contents(), before);
  });
});
