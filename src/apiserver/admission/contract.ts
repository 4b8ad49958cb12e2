import type { ObjectRef } from '../../client/index.ts';
import type { AnyObject, KindDefinition, KubeObject, Resource } from '../../kube/index.ts';

/** One write that is about to happen, after decoding and defaulting, before validation. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly kind: KindDefinition;
  /** Empty for the object itself, else `status`, `scale`, `binding`, ... */
  readonly subresource: string;
  /** Undefined for cluster-scoped objects. */
  readonly namespace: string | undefined;
  readonly name: string;
  /** A private copy with its defaults: plugins change it in place. Undefined for DELETE. */
  readonly object: AnyObject | undefined;
  /** The stored object, shared: never changed. Undefined for CREATE. */
  readonly previous: AnyObject | undefined;
  readonly dryRun: boolean;
  /** The authenticated name, e.g. `kubernetes-admin`. */
  readonly user: string;
}

/** What a plugin wants to hear about the write it let through. Exactly one of `undo` and `done` is called. */
export interface AdmissionOutcome {
  /** The write failed, or was a dry run: give back what was reserved. Must not throw. */
  undo?(): void;
  /** The write is stored; `written` is the stored object (for DELETE, its last state). Must not throw. */
  done?(written: AnyObject): void;
  /** Texts for Warning headers. */
  readonly warnings?: readonly string[];
  /**
   * More of them, which take time to find: the write, or its dry run, has succeeded and does not wait for them. Must not
   * throw.
   */
  advise?(written: AnyObject): Promise<readonly string[]>;
}

type MaybePromise<T> = T | Promise<T>;

/**
 * Looks at a write and lets it pass, changes its object, or refuses it by throwing an ApiError.
 * A plugin that throws has reserved nothing.
 */
export interface AdmissionPlugin {
  /** As Kubernetes calls it, e.g. `NamespaceLifecycle`. */
  readonly name: string;
  /** @throws ApiError */
  admit(request: AdmissionRequest): MaybePromise<AdmissionOutcome | undefined>;
}

/** Current objects, as plugins read them. What it returns is shared: never change it. */
export interface AdmissionReader {
  /** @returns undefined when there is none. */
  get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): MaybePromise<T | undefined>;
  list<T extends KubeObject>(
    resource: Resource<T>,
    options?: { readonly namespace?: string },
  ): MaybePromise<readonly T[]>;
}
