import type { FieldError } from '../field-error.ts';

/** Where a value's shape is described: a name such as `io.k8s.api.core.v1.Service`. */
export type SchemaName = string;

/**
 * What a JSON value has to be. `object` refers to another schema by name; `any` is free JSON.
 * The scalars keep Kubernetes' distinctions, which decode errors and OpenAPI both print.
 */
export type FieldType =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'array'; readonly items: FieldType }
  | { readonly kind: 'map'; readonly values: FieldType }
  | { readonly kind: 'object'; readonly schema: SchemaName };

export type ScalarKind =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'intOrString'
  | 'quantity'
  | 'rawExtension'
  | 'any';

export type PatchStrategy = 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys';

/** How strategic merge patch and server-side apply treat one field; `x-kubernetes-*` in OpenAPI. */
export interface MergeFacts {
  readonly patchStrategy?: PatchStrategy;
  readonly patchMergeKey?: string;
  readonly listType?: 'map' | 'set' | 'atomic';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
}

export interface SchemaField extends MergeFacts {
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
}

/** One object type. */
export interface Schema {
  readonly name: SchemaName;
  readonly fields: ReadonlyMap<string, SchemaField>;
}

/** Something that decoding found; the API server rejects, warns about or ignores it. */
export interface FieldProblem {
  /** `type` is always fatal (400); the others obey `fieldValidation`. */
  readonly kind: 'unknown' | 'duplicate' | 'type';
  /** `spec.ports[0].prot` */
  readonly path: string;
  /** `unknown field "spec.selectr"`, or for `type` the decoder's text: `json: cannot unmarshal ...`. */
  readonly message: string;
}

/** The OpenAPI v3 schema of a CustomResourceDefinition, compiled once. Methods that mutate want a private copy. */
export interface StructuralSchema {
  /** The JSON schema as published in OpenAPI documents. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Unknown fields, i.e. those that {@link prune} would drop, and metadata that does not decode. */
  checkFields(object: unknown): FieldProblem[];
  prune(object: unknown): void;
  applyDefaults(object: unknown): void;
  validate(object: unknown): FieldError[];
}
