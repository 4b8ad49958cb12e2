import type { AnyObject, KubeList, KubeObject, Resource } from '../kube/index.ts';

export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
}

export type PatchType = 'json' | 'merge' | 'strategic';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

export interface WatchEvent<T extends KubeObject = AnyObject> {
  readonly type: WatchEventType;
  readonly object: T;
}

export interface Watch {
  close(): void;
}

export interface WatchListener<T extends KubeObject> {
  onEvent(event: WatchEvent<T>): void;
  /** The watch ended by itself; an ApiError with reason `Expired` or `Gone` asks for a new list. */
  onEnd(reason: Error | undefined): void;
}

/**
 * The Kubernetes API as controllers and agents see it: in process (from `apiserver/`) or over HTTP with a
 * kubeconfig. Both behave alike and fail with {@link ApiError}. Objects returned are shared: never mutate them.
 */
export interface Client {
  get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T>;
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<KubeList<T>>;
  create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T>;
  /** Replaces; `metadata.resourceVersion`, when set, must be current. */
  update<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T>;
  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>;
  patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef & { readonly subresource?: 'status' | 'scale' },
    patch: { readonly type: PatchType; readonly body: unknown },
  ): Promise<T>;
  delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options?: DeleteOptions,
  ): Promise<void>;
  /** POSTs to a subresource: `binding`, `eviction`, `token`; `finalize` is a PUT. Returns the answer's body. */
  createSubresource<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef & { readonly subresource: string },
    body: AnyObject,
  ): Promise<AnyObject>;
  /** Starts after `options.resourceVersion`; without one, with ADDED events for all that exists. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions,
    listener: WatchListener<T>,
  ): Watch;
}
