import type { FieldError, FieldPath } from './field-error.ts';
import type { AnyObject, KubeObject } from './meta.ts';
import type { StructuralSchema } from './schema/contract.ts';

/** Addresses a resource; every {@link KindDefinition} is one. The type parameter is the object's shape. */
export interface Resource<T extends KubeObject = AnyObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Lower case, as in the URL. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: carries `T` for inference. */
  readonly shape?: T;
}

/** One column of a server-side Table (`meta/v1 TableColumnDefinition` and its cell). */
export interface Column<T extends KubeObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: 'name' | 'int32' | 'int64' | 'date';
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: 0 | 1;
  readonly description: string;
  /** The cell; `now` is milliseconds since the epoch, for ages. */
  cell(object: T, now: number): string | number | boolean | null;
}

/** The two JSON paths of a scale subresource. */
export interface ScalePaths<T extends KubeObject> {
  replicas(object: T): number;
  statusReplicas(object: T): number;
  /** The selector in the text form of `autoscaling/v1 ScaleStatus.selector`. */
  selector(object: T): string;
  /** Writes the wanted number into a private copy. */
  set(object: T, replicas: number): void;
}

/**
 * How a kind that is another form of a stored one is converted. Both ways make new objects. Conversion comes first: what
 * the stored form's kind says of defaults and validation is then asked of the result.
 */
export interface OtherForm<T extends KubeObject> {
  readonly of: KindDefinition;
  /** @throws ApiError when the stored form would say something else than the object does */
  toStored(object: T): AnyObject;
  fromStored(stored: AnyObject): T;
  /** Text of the Warning header after a write. */
  warning(stored: AnyObject): string;
}

/**
 * Everything the API server needs to serve one kind: one file in this room for each.
 * Hooks that mutate get a private deep copy; all others get shared objects and must not.
 */
export interface KindDefinition<T extends KubeObject = AnyObject> extends Resource<T> {
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Name of the OpenAPI schema, e.g. `io.k8s.api.core.v1.Service`. */
  readonly schema: string;
  /** Custom resources only: their schema, which prunes, defaults and validates. */
  readonly structural?: StructuralSchema;
  /** For a kind that is not stored itself: what it is another form of. */
  readonly form?: OtherForm<T>;
  /** True when the kind has a status subresource: writes to the main resource then keep the old status. */
  readonly hasStatus: boolean;
  /** True when `metadata.generation` counts changes of everything outside metadata and status. */
  readonly hasGeneration: boolean;
  readonly scale?: ScalePaths<T>;
  /** Columns of the server-side Table, in order; NAME comes first and AGE last, as kubectl users know them. */
  readonly columns: readonly Column<T>[];
  /** Field selectors beyond `metadata.name` and `metadata.namespace`, e.g. `spec.nodeName`. */
  readonly fields?: Readonly<Record<string, (object: T) => string>>;
  /** Grace in seconds that a delete gets when the caller names none; absent means at once. */
  graceSeconds?(object: T): number;
  /** Fills defaults in, in place; runs on create and update after decoding. */
  defaults?(object: T): void;
  /** Drops what a client may not set on create (status, for most); in place. */
  prepareCreate?(object: T): void;
  /** Carries over what an update may not touch; in place on `next`. */
  prepareUpdate?(next: T, previous: T): void;
  /** Checks the name; default is a DNS-1123 subdomain. Returns the message of the failure. */
  validateName?(name: string): readonly string[];
  validate?(object: T, path: FieldPath): FieldError[];
  /** Runs after {@link validate} on create: what an object that is there already may have. */
  validateCreate?(object: T): FieldError[];
  /** Runs after {@link validate}: immutable fields and the like. */
  validateUpdate?(next: T, previous: T): FieldError[];
  validateStatus?(next: T, previous: T): FieldError[];
  /** Texts for Warning headers on create and update. */
  warnings?(object: T): string[];
}
