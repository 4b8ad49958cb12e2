import type {
  Client,
  DeleteOptions,
  ListOptions,
  ObjectRef,
  PatchType,
  Watch,
  WatchEvent,
  WatchListener,
  WriteOptions,
} from '../client/index.ts';
import {
  ApiError,
  type AnyObject,
  type KubeList,
  type KubeObject,
  type Resource,
} from '../kube/index.ts';
import { loopbackUser, type User } from './authentication/user.ts';
import type { ServedKind } from './registry/catalog.ts';
import type { Call, Collection, Target } from './registry/context.ts';
import type { Registry } from './registry/registry.ts';
import type { Subresource } from './registry/subresources/subresource.ts';

/** Warnings are for people at a terminal; nobody in this process reads them. */
function ignoreWarning(): void {}

function noSuchResource(): ApiError {
  return new ApiError('NotFound', 'the server could not find the requested resource');
}

/** The {@link Client} of code in the API server's own process: no socket, no JSON, no authorization. */
class LocalClient implements Client {
  private readonly registry: Registry;
  private readonly user: User;

  constructor(registry: Registry, user: User) {
    this.registry = registry;
    this.user = user;
  }

  async get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T> {
    return (await this.registry.get(this.target(resource, ref))) as unknown as T;
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): Promise<KubeList<T>> {
    const list = await this.registry.list(this.collection(resource, options.namespace), options);
    return list as unknown as KubeList<T>;
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const created = await this.registry.create({
      ...this.collection(resource, object.metadata.namespace),
      object: object as unknown as AnyObject,
      call: this.call(options),
    });
    return created as unknown as T;
  }

  async update<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const target = this.target(resource, object.metadata);
    const wanted = object as unknown as AnyObject;
    return (await this.registry.update(target, wanted, this.call(options))) as unknown as T;
  }

  async updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    const target = this.target(resource, object.metadata);
    const update = this.subresource(target, 'status').update ?? unsupported();
    const wanted = object as unknown as AnyObject;
    const request = { target, call: this.call(), object: wanted };
    return (await update(this.registry.context, request)) as unknown as T;
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef & { readonly subresource?: 'status' | 'scale' },
    patch: { readonly type: PatchType; readonly body: unknown },
  ): Promise<T> {
    const target = this.target(resource, ref);
    if (ref.subresource === undefined) {
      return (await this.registry.patch(target, patch, this.call())) as unknown as T;
    }
    const change = this.subresource(target, ref.subresource).patch ?? unsupported();
    const request = { target, call: this.call(), patch };
    return (await change(this.registry.context, request)) as unknown as T;
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options: DeleteOptions = {},
  ): Promise<void> {
    await this.registry.delete(this.target(resource, ref), options, this.call(options));
  }

  /** `finalize` too, which is a PUT over HTTP. */
  async createSubresource<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef & { readonly subresource: string },
    body: AnyObject,
  ): Promise<AnyObject> {
    const target = this.target(resource, ref);
    const { create, update } = this.subresource(target, ref.subresource);
    const post = create ?? update ?? unsupported();
    return post(this.registry.context, { target, call: this.call(), object: body });
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions,
    listener: WatchListener<T>,
  ): Watch {
    let isClosed = false;
    let running: Watch | undefined;
    const started = async (): Promise<void> => {
      running = await this.registry.watch({
        collection: this.collection(resource, options.namespace),
        query: options,
        listener: {
          onEvent: (event) => {
            if (!isClosed) listener.onEvent(event as unknown as WatchEvent<T>);
          },
          onEnd: (reason) => listener.onEnd(reason),
        },
      });
      if (isClosed) running.close();
    };
    started().catch((error: unknown) => {
      if (!isClosed) listener.onEnd(error instanceof Error ? error : new Error(String(error)));
    });
    return {
      close: () => {
        isClosed = true;
        running?.close();
      },
    };
  }

  private kindOf(resource: Resource): ServedKind {
    const kind = this.registry.catalog.find(resource);
    if (kind === undefined) throw noSuchResource();
    return kind;
  }

  private collection<T extends KubeObject>(resource: Resource<T>, namespace?: string): Collection {
    const kind = this.kindOf(resource as unknown as Resource);
    return { kind, namespace: namespace === '' ? undefined : namespace };
  }

  private target<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Target {
    return { ...this.collection(resource, ref.namespace), name: ref.name };
  }

  private subresource(target: Target, name: string): Subresource {
    const found = this.registry.subresources.find(target.kind.definition, name);
    if (found === undefined) throw noSuchResource();
    return found;
  }

  private call({ dryRun = false }: { readonly dryRun?: boolean } = {}): Call {
    return { user: this.user, dryRun, fieldValidation: 'Ignore', warn: ignoreWarning };
  }
}

function unsupported(): never {
  throw new ApiError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  );
}

/** Makes a client for code in the API server's own process; `user` is who admission and Events see. */
export function createLocalClient(registry: Registry, user: User = loopbackUser): Client {
  return new LocalClient(registry, user);
}
