import { randomUUID } from 'node:crypto';
import { timestamp, type Clock } from '../../clock/index.ts';
import {
  alreadyExists,
  ApiError,
  apiVersionOf,
  compileFieldSelector,
  conflict,
  kinds,
  notFound,
  parseSelector,
  type AnyObject,
  type KubeList,
  type KubeObject,
  type Resource,
} from '../../kube/index.ts';
import type { Store, StoreEvent } from '../../store/index.ts';
import type {
  Client,
  DeleteOptions,
  ListOptions,
  ObjectRef,
  PatchType,
  Watch,
  WatchListener,
} from '../client.ts';
import { afterDeletion, isReleased } from './deletion.ts';
import { applyMergePatch } from './merge-patch.ts';

type Draft = AnyObject;
type AnyResource = Pick<Resource, 'group' | 'version' | 'plural' | 'kind' | 'namespaced'>;

function definitionOf(resource: AnyResource) {
  return kinds.find(({ group, kind }) => group === resource.group && kind === resource.kind);
}

function prefixOf(resource: AnyResource, namespace?: string): string {
  const base = `/${resource.group || 'core'}/${resource.plural}/`;
  return namespace === undefined || namespace === '' ? base : `${base}${namespace}/`;
}

function keyOf(resource: AnyResource, { name, namespace }: ObjectRef): string {
  return prefixOf(resource, resource.namespaced ? (namespace ?? '') : undefined) + name;
}

/** Everything of an object that counts as a change of what was asked for. */
function wishOf(object: KubeObject): string {
  const { metadata: _metadata, status: _status, ...wish } = object as AnyObject;
  return JSON.stringify(wish);
}

function matcher(resource: AnyResource, options: ListOptions): (object: KubeObject) => boolean {
  const labels = parseSelector(options.labelSelector ?? '');
  const definition = definitionOf(resource) ?? { namespaced: resource.namespaced };
  const fields = compileFieldSelector(definition, options.fieldSelector ?? '');
  return (object) => labels.matches(object.metadata.labels) && fields(object as AnyObject);
}

/**
 * The API without its rules: no defaults, no validation, no admission; storage, watches, status, generations, finalizers
 * and graceful deletion are real. For tests of what stands on {@link Client}.
 */
export class StoreClient implements Client {
  private readonly store: Store;
  private readonly clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  async get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T> {
    const object = await this.store.get(keyOf(resource, ref));
    if (object === undefined) throw notFound(resource, ref.name);
    return object as T;
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): Promise<KubeList<T>> {
    const list = await this.store.list({ prefix: prefixOf(resource, options.namespace) });
    return {
      apiVersion: apiVersionOf(resource),
      kind: `${resource.kind}List`,
      metadata: { resourceVersion: String(list.revision) },
      items: list.objects.filter(matcher(resource, options)) as T[],
    };
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    const { generateName } = object.metadata;
    const name = object.metadata.name || `${generateName ?? ''}${randomUUID().slice(0, 5)}`;
    const made = {
      ...object,
      metadata: {
        ...object.metadata,
        name,
        uid: randomUUID(),
        generation: 1,
        creationTimestamp: timestamp(this.clock),
      },
    };
    const created = await this.store.create(keyOf(resource, made.metadata), made);
    if (created === undefined) throw alreadyExists(resource, name);
    return created as T;
  }

  update<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    return this.change(resource, object.metadata, {
      expected: object.metadata.resourceVersion,
      edit: (current) => {
        const next = structuredClone(object) as unknown as Draft;
        if (definitionOf(resource)?.hasStatus === true) next['status'] = current['status'];
        return next;
      },
    });
  }

  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    return this.change(resource, object.metadata, {
      expected: object.metadata.resourceVersion,
      edit: (current) => ({
        ...current,
        status: structuredClone((object as unknown as AnyObject)['status']),
      }),
    });
  }

  patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef & { readonly subresource?: 'status' | 'scale' },
    patch: { readonly type: PatchType; readonly body: unknown },
  ): Promise<T> {
    if (patch.type === 'json') throw new ApiError('UnsupportedMediaType', 'no JSON patches here');
    return this.change(resource, ref, {
      edit: (current) => applyMergePatch(current, patch.body) as Draft,
    });
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options: DeleteOptions = {},
  ): Promise<void> {
    const current = await this.get(resource, ref);
    const { uid } = options.preconditions ?? {};
    if (uid !== undefined && uid !== current.metadata.uid)
      throw conflict(resource, ref.name, `Precondition failed: UID in precondition: ${uid}`);
    const next = afterDeletion(current, options, timestamp(this.clock));
    if (next === undefined) await this.remove(resource, current);
    else await this.write(resource, current, next as AnyObject);
  }

  async createSubresource<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef & { readonly subresource: string },
    body: AnyObject,
  ): Promise<AnyObject> {
    if (ref.subresource === 'eviction') await this.delete(resource, ref);
    else if (ref.subresource === 'finalize')
      await this.change(resource, ref, { edit: (now) => ({ ...now, spec: body['spec'] }) });
    else if (ref.subresource === 'binding') {
      const target = body['target'] as { name: string };
      const edit = (now: Draft) => ({
        ...now,
        spec: { ...(now['spec'] as object), nodeName: target.name },
      });
      await this.change(resource, ref, { edit });
    }
    return body;
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions,
    listener: WatchListener<T>,
  ): Watch {
    const matches = matcher(resource, options);
    const deliver = ({ type, object, previous }: StoreEvent) => {
      const before = previous !== undefined && matches(previous);
      const now = type !== 'DELETED' && matches(object);
      const typed = object as T;
      if (now) listener.onEvent({ type: before ? 'MODIFIED' : 'ADDED', object: typed });
      else if (before) listener.onEvent({ type: 'DELETED', object: typed });
    };
    const prefix = prefixOf(resource, options.namespace);
    const after = Number(options.resourceVersion ?? 0);
    return this.store.watch(
      { prefix, after },
      { onEvent: deliver, onEnd: (reason) => listener.onEnd(reason) },
    );
  }

  private async change<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    how: { readonly expected?: string | undefined; readonly edit: (current: Draft) => Draft },
  ): Promise<T> {
    const current = await this.get(resource, ref);
    if (how.expected !== undefined && how.expected !== current.metadata.resourceVersion)
      throw conflict(resource, ref.name);
    return this.write(resource, current, how.edit(structuredClone(current) as unknown as Draft));
  }

  private async write<T extends KubeObject>(
    resource: Resource<T>,
    current: KubeObject,
    next: Draft,
  ): Promise<T> {
    const { uid, creationTimestamp, deletionTimestamp, generation = 1 } = current.metadata;
    const metadata = {
      ...next.metadata,
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      generation: wishOf(next) === wishOf(current) ? generation : generation + 1,
    };
    const object = { ...next, metadata };
    if (isReleased(object)) return this.remove<T>(resource, current);
    const key = keyOf(resource, current.metadata);
    const expected = current.metadata.resourceVersion ?? '';
    const written = await this.store.update(key, object, expected);
    if (written === undefined) throw conflict(resource, current.metadata.name);
    return written as T;
  }

  private async remove<T extends KubeObject>(
    resource: AnyResource,
    current: KubeObject,
  ): Promise<T> {
    const key = keyOf(resource, current.metadata);
    const removed = await this.store.delete(key, current.metadata.resourceVersion ?? '');
    if (removed === undefined) throw conflict(resource, current.metadata.name);
    return removed as T;
  }
}
