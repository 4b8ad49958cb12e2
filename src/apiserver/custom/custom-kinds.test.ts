import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { AnyObject } from '../../kube/index.ts';
import { named, openTestRegistry, type TestRegistry } from '../registry/testing/registry.ts';
import { CustomKinds } from './custom-kinds.ts';

const spec = {
  type: 'object',
  required: ['size'],
  properties: { size: { type: 'integer', minimum: 1 }, color: { type: 'string', default: 'red' } },
};
const status = { type: 'object', properties: { size: { type: 'integer' } } };

function definition(plural: string, kind: string, group = 'example.com'): AnyObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: named(`${plural}.${group}`),
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: ['v1', 'v2'].map((name) => ({
        name,
        served: true,
        storage: name === 'v1',
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
      })),
    },
  };
}

describe('custom kinds', () => {
  let test: TestRegistry;
  let custom: CustomKinds | undefined;
  const logged: string[] = [];
  before(async () => {
    test = await openTestRegistry();
    custom = await start();
  });
  function start(): Promise<CustomKinds | undefined> {
    const log = (text: string): void => void logged.push(text);
    return CustomKinds.start({ registry: test.registry, client: test.client, log });
  }

  after(async () => {
    await custom?.close();
    await test.close();
    assert.deepEqual(logged, []);
  });

  /** Waits until something that follows from a write is there: turns of the event loop, no time. */
  async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await setImmediate();
    }
  }

  const find = (plural: string, version = 'v1', group = 'example.com') =>
    test.registry.catalog.find({ group, version, plural });

  async function stored(name: string): Promise<AnyObject | undefined> {
    const target = test.target('customresourcedefinitions', name);
    return test.registry.get(target).catch(() => undefined);
  }

  async function isHeld(name: string): Promise<true | undefined> {
    return (await stored(name))?.metadata.finalizers === undefined ? undefined : true;
  }

  it('are served as soon as they are defined, in every version', async () => {
    await test.create(definition('boxes', 'Box'));
    const v1 = await until(() => find('boxes'));
    const v2 = await until(() => find('boxes', 'v2'));
    const object = { kind: 'Box', metadata: named('one'), spec: { size: 2, unknown: 1 } };
    const created = await test.registry.create({
      kind: v1,
      namespace: 'default',
      object: object as unknown as AnyObject,
      call: test.call(),
    });
    assert.deepEqual(created['spec'], { size: 2, color: 'red' });
    const seen = await test.registry.get({ kind: v2, namespace: 'default', name: 'one' });
    assert.equal(seen.apiVersion, 'example.com/v2');
    assert.equal(seen.metadata.uid, created.metadata.uid);
  });

  it('refuse what their schema refuses', async () => {
    const kind = await until(() => find('boxes'));
    const before = await test.contents();
    const object = {
      kind: 'Box',
      metadata: named('bad'),
      spec: { size: 0 },
    } as unknown as AnyObject;
    await assert.rejects(
      test.registry.create({ kind, namespace: 'default', object, call: test.call() }),
      {
        message:
          'Box.example.com "bad" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
      },
    );
    assert.equal(await test.contents(), before);
  });

  it('state their conditions', async () => {
    const stated = await until(async () => {
      const { conditions = [] } = ((await stored('boxes.example.com'))?.['status'] ?? {}) as {
        conditions?: { type: string; status: string }[];
      };
      return conditions.length === 2 ? conditions : undefined;
    });
    assert.deepEqual(
      stated.map(({ type, status }) => `${type}=${status}`),
      ['NamesAccepted=True', 'Established=True'],
    );
  });

  it('do not take names that are in use until they are free', async () => {
    await test.create(definition('crates', 'Box'));
    await until(async () => {
      const text = JSON.stringify((await stored('crates.example.com'))?.['status']);
      return text.includes('NamesConflict') ? true : undefined;
    });
    assert.equal(find('crates'), undefined);
  });

  it('go with all their objects', async () => {
    await until(() => isHeld('boxes.example.com'));
    const name = 'boxes.example.com';
    const target = test.target('customresourcedefinitions', name);
    const { isGone } = await test.registry.delete(target, {}, test.call());
    assert.equal(isGone, false);
    await until(() => (find('boxes') === undefined ? true : undefined));
    assert.equal(await stored(name), undefined);
    const { objects } = await test.store.list({ prefix: '/example.com/boxes/' });
    assert.equal(objects.length, 0);
    await until(() => find('crates'));
  });

  it('replace a kind that is served as a custom resource from the start, until they go', async () => {
    const group = 'policy.networking.k8s.io';
    const current = () => find('clusternetworkpolicies', 'v1alpha2', group);
    const builtIn = current();
    const name = `clusternetworkpolicies.${group}`;
    const later = definition('clusternetworkpolicies', 'ClusterNetworkPolicy', group);
    const version = { name: 'v1alpha2', served: true, storage: true };
    const schema = { 'x-kubernetes-preserve-unknown-fields': true, type: 'object' };
    const { names } = later['spec'] as { names: object };
    const versions = [{ ...version, schema: { openAPIV3Schema: schema } }];
    await test.create({ ...later, spec: { group, scope: 'Cluster', names, versions } });
    const kind = await until(() => (current() === builtIn ? undefined : current()));
    const all = test.registry.catalog.definitions();
    assert.equal(all.filter((one) => one.kind === 'ClusterNetworkPolicy').length, 1);
    const spec = { tier: 'Admin', egress: [{ action: 'Accept', to: [{ services: {} }] }] };
    const object = { kind: 'ClusterNetworkPolicy', metadata: named('future'), spec };
    const created = await test.registry.create({
      kind,
      namespace: undefined,
      object: object as unknown as AnyObject,
      call: test.call(),
    });
    assert.deepEqual(created['spec'], spec, 'judgement sees the peer that it does not know');
    await until(() => isHeld(name));
    await test.registry.delete(test.target('customresourcedefinitions', name), {}, test.call());
    await until(() => (current() === builtIn ? true : undefined));
    const { objects } = await test.store.list({ prefix: `/${group}/clusternetworkpolicies/` });
    assert.equal(objects.length, 0);
  });

  it('go on when their watch has fallen behind the window', async () => {
    await until(() => isHeld('crates.example.com'));
    const crates = test.target('customresourcedefinitions', 'crates.example.com');
    await Promise.all([
      test.registry.delete(crates, {}, test.call()),
      test.create(definition('chests', 'Chest')),
    ]);
    // In one turn with the writes: nobody has been told of them yet, and nobody can be any more.
    await test.store.compact(await test.store.revision());
    assert.equal(find('chests'), undefined);
    await until(async () => {
      await test.clock.advance(1000);
      return find('chests');
    });
    await until(() => (find('crates') === undefined ? true : undefined));
  });

  it('are there again after a restart', async () => {
    const again = await start();
    assert.ok(find('chests'));
    await again?.close();
  });
});
