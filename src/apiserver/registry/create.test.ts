import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiError, type AnyObject } from '../../kube/index.ts';
import { decodeObject } from './decode-object.ts';
import { configMap, named, openTestRegistry, pod, type TestRegistry } from './testing/registry.ts';

describe('create', () => {
  let test: TestRegistry;
  before(async () => {
    test = await openTestRegistry();
  });
  after(() => test.close());

  it('fills in what the server decides', async () => {
    const created = await test.create(pod('complete'));
    const { uid = '', creationTimestamp, namespace, resourceVersion = '' } = created.metadata;
    assert.match(uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(creationTimestamp, '2026-11-21T08:00:00Z');
    assert.equal(namespace, 'default');
    assert.match(resourceVersion, /^\d+$/);
    assert.equal((created['spec'] as { restartPolicy: string }).restartPolicy, 'Always');
  });

  it('takes nothing from the client that only the server writes', async () => {
    const metadata = named('forged', {
      uid: 'mine',
      generation: 7,
      creationTimestamp: '2000-01-01T00:00:00Z',
      deletionTimestamp: '2000-01-01T00:00:00Z',
      managedFields: [{}],
    });
    const created = await test.create({ ...configMap('forged'), metadata });
    assert.notEqual(created.metadata.uid, 'mine');
    assert.equal(created.metadata.creationTimestamp, '2026-11-21T08:00:00Z');
    assert.equal(created.metadata.deletionTimestamp, undefined);
    assert.equal(created.metadata.generation, undefined);
    assert.equal(created.metadata.managedFields, undefined);
  });

  it('completes generateName with five characters', async () => {
    const metadata = { generateName: 'web-' } as AnyObject['metadata'];
    const created = await test.create({ ...configMap('x'), metadata });
    assert.match(created.metadata.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('leaves out nulls, as Go does', async () => {
    const body = { ...configMap('nulls'), binaryData: null };
    const metadata = { name: 'nulls', creationTimestamp: null } as unknown as AnyObject['metadata'];
    const created = await test.create({ ...body, metadata });
    assert.equal('binaryData' in created, false);
  });

  it('does everything but the write in a dry run', async () => {
    const before = await test.contents();
    const object = configMap('dry');
    const { kind, namespace } = test.target('configmaps', 'dry');
    const call = test.call({ dryRun: true });
    const created = await test.registry.create({ kind, namespace, object, call });
    assert.ok(created.metadata.uid);
    assert.equal(created.metadata.resourceVersion, undefined);
    assert.equal(await test.contents(), before);
  });

  const refusals: readonly (readonly [string, AnyObject, string])[] = [
    ['a name that is taken', configMap('taken'), 'configmaps "taken" already exists'],
    [
      'a resourceVersion',
      configMap('versioned', { resourceVersion: '5' }),
      'resourceVersion should not be set on objects to be created',
    ],
    [
      'another namespace',
      configMap('elsewhere', { namespace: 'other' }),
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'no name',
      { ...configMap(''), metadata: {} as AnyObject['metadata'] },
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
  ];
  for (const [what, object, message] of refusals) {
    it(`refuses ${what} and stores nothing`, async () => {
      await test.create(configMap('taken')).catch(() => undefined);
      const before = await test.contents();
      await assert.rejects(test.create(object), { message });
      assert.equal(await test.contents(), before);
    });
  }
});

describe('decodeObject', () => {
  let test: TestRegistry;
  before(async () => {
    test = await openTestRegistry();
  });
  after(() => test.close());

  const service = (spec: unknown): AnyObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: named('web'),
    spec,
  });

  function decode(value: unknown, fieldValidation: 'Strict' | 'Warn' | 'Ignore'): string[] {
    const call = test.call({ fieldValidation });
    decodeObject(test.kind('services'), { value, problems: [] }, call);
    return call.warnings;
  }

  it('refuses unknown fields when strict', () => {
    assert.throws(() => decode(service({ selectr: {} }), 'Strict'), {
      message:
        'Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.selectr"',
    });
  });

  it('warns of unknown fields and drops them', () => {
    const value = service({ selectr: {}, type: 'ClusterIP' });
    assert.deepEqual(decode(value, 'Warn'), ['unknown field "spec.selectr"']);
    assert.deepEqual(value['spec'], { type: 'ClusterIP' });
    const silent = service({ selectr: {} });
    assert.deepEqual(decode(silent, 'Ignore'), []);
    assert.deepEqual(silent['spec'], {});
  });

  it('refuses values of the wrong type whatever the validation', () => {
    const value = service({ ports: [{ port: 'http' }] });
    assert.throws(
      () => decode(value, 'Ignore'),
      (error: unknown) =>
        error instanceof ApiError && /json: cannot unmarshal string/.test(error.message),
    );
  });

  it('refuses another version, another kind, and what is no object', () => {
    assert.throws(() => decode({ ...service({}), apiVersion: 'apps/v1' }, 'Ignore'), {
      message: 'the API version in the data (apps/v1) does not match the expected API version (v1)',
    });
    assert.throws(() => decode({ ...service({}), kind: 'Pod' }, 'Ignore'), {
      reason: 'BadRequest',
    });
    assert.throws(() => decode([], 'Ignore'), { reason: 'BadRequest' });
  });
});
