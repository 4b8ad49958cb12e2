import assert from 'node:assert/strict';
import type { DeleteOptions } from '../../../client/index.ts';
import {
  configMapKind,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
  type Resource,
} from '../../../kube/index.ts';
import { createResourceCatalog } from '../../resource-catalog.ts';
import { createControllerWorld, type ControllerWorld } from '../../testing/context.ts';
import { startGarbageCollector } from '../garbage-collector.ts';

export const namespace = 'shop';

export function ownedBy(owner: KubeObject, blockOwnerDeletion = true): OwnerReference {
  const { name, uid = '' } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, blockOwnerDeletion };
}

/** A world of ConfigMaps that own each other, in namespace `shop`. */
export class CollectorWorld {
  private readonly world: ControllerWorld = createControllerWorld();

  get client(): ControllerWorld['client'] {
    return this.world.client;
  }

  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    return this.world.until(what, condition);
  }

  events(): Promise<string[]> {
    return this.world.events();
  }

  /** Fails when anything was logged. */
  async close(): Promise<void> {
    await this.world.close();
    assert.deepEqual(this.world.errors, []);
  }

  /** Starts the collector. */
  start(): void {
    this.world.start((context) =>
      startGarbageCollector(context, { kinds: createResourceCatalog(context.informers) }),
    );
  }

  make(name: string, meta: Partial<ObjectMeta> = {}): Promise<KubeObject> {
    return this.client.create(configMapKind, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, ...meta },
    });
  }

  /** A ConfigMap with these owners. */
  dependent(name: string, ...owners: KubeObject[]): Promise<KubeObject> {
    return this.make(name, { ownerReferences: owners.map((owner) => ownedBy(owner)) });
  }

  get(name: string): Promise<KubeObject> {
    return this.client.get(configMapKind, { name, namespace });
  }

  /** Merges into the metadata. */
  async patch(name: string, metadata: Record<string, unknown>): Promise<void> {
    const body = { metadata };
    await this.client.patch(configMapKind, { name, namespace }, { type: 'merge', body });
  }

  remove(
    name: string,
    propagationPolicy: DeleteOptions['propagationPolicy'] = 'Background',
  ): Promise<void> {
    return this.client.delete(configMapKind, { name, namespace }, { propagationPolicy });
  }

  async names<T extends KubeObject>(resource: Resource<T>): Promise<string> {
    const { items } = await this.client.list(resource);
    return items.map(({ metadata }) => metadata.name).join();
  }

  /** Resolves when these ConfigMaps are left. */
  left(expected: string): Promise<void> {
    return this.world.until(
      `left: ${expected}`,
      async () => (await this.names(configMapKind)) === expected,
    );
  }

  /** Resolves when the collector has handled what came before. */
  async settled(): Promise<void> {
    const owner = await this.make('zz-owner');
    await this.dependent('zz-mark', owner);
    await this.remove('zz-owner');
    await this.world.until('the mark is gone', async () => {
      return !(await this.names(configMapKind)).includes('zz');
    });
  }
}
