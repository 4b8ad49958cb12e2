import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AnyObject } from '../../../kube/index.ts';
import { deployment, openTestRegistry, pod, type TestRegistry } from '../testing/registry.ts';

describe('subresources', () => {
  let test: TestRegistry;
  before(async () => {
    test = await openTestRegistry();
  });
  after(() => test.close());

  function post(
    plural: string,
    name: string,
    subresource: string,
    body: object,
  ): Promise<AnyObject> {
    const kind = test.kind(plural).definition;
    const ref = { namespace: 'default', name, subresource };
    return test.client.createSubresource(kind, ref, { metadata: {}, ...body } as AnyObject);
  }

  it('binds a pod to a node, once', async () => {
    await test.create(pod('bound'));
    const binding = { target: { kind: 'Node', name: 'node1' } };
    assert.equal((await post('pods', 'bound', 'binding', binding))['status'], 'Success');
    const stored = await test.registry.get(test.target('pods', 'bound'));
    assert.equal((stored['spec'] as { nodeName: string }).nodeName, 'node1');
    const { conditions } = stored['status'] as { conditions: { type: string; status: string }[] };
    assert.ok(conditions.some(({ type, status }) => type === 'PodScheduled' && status === 'True'));
    const before = await test.contents();
    await assert.rejects(post('pods', 'bound', 'binding', binding), {
      message:
        'Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "node1"',
    });
    await assert.rejects(post('pods', 'bound', 'binding', { target: {} }), { reason: 'Invalid' });
    assert.equal(await test.contents(), before);
  });

  it('evicts as a delete', async () => {
    await test.create(pod('evicted'));
    await post('pods', 'evicted', 'eviction', { deleteOptions: { dryRun: ['All'] } });
    assert.ok(await test.registry.get(test.target('pods', 'evicted')));
    await post('pods', 'evicted', 'eviction', {});
    await assert.rejects(test.registry.get(test.target('pods', 'evicted')), { reason: 'NotFound' });
  });

  it('scales through autoscaling/v1', async () => {
    await test.create(deployment('scaled', 2));
    const kind = test.kind('deployments').definition;
    const ref = { namespace: 'default', name: 'scaled', subresource: 'scale' } as const;
    const scale = await test.client.patch(kind, ref, {
      type: 'merge',
      body: { spec: { replicas: 0 } },
    });
    assert.equal(scale.kind, 'Scale');
    assert.deepEqual(scale['spec'], { replicas: 0 });
    assert.deepEqual(scale['status'], { replicas: 0, selector: 'app=scaled' });
    const stored = await test.registry.get(test.target('deployments', 'scaled'));
    assert.equal((stored['spec'] as { replicas: number }).replicas, 0);
    assert.equal(stored.metadata.generation, 2);
    const before = await test.contents();
    const negative = { type: 'merge', body: { spec: { replicas: -1 } } } as const;
    await assert.rejects(test.client.patch(kind, ref, negative), {
      message:
        'Scale.autoscaling "scaled" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    });
    const stale = { metadata: { resourceVersion: '1' }, spec: { replicas: 3 } };
    await assert.rejects(test.client.patch(kind, ref, { type: 'merge', body: stale }), {
      reason: 'Conflict',
    });
    assert.equal(await test.contents(), before);
  });
});
