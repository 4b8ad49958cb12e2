import {
  apiVersionOf,
  badRequest,
  checkFields,
  type AnyObject,
  type FieldProblem,
  type SchemaName,
} from '../../kube/index.ts';
import type { ServedKind } from './catalog.ts';
import type { Call } from './context.ts';
import { fillNullElements } from './null-elements.ts';
import { copyWithoutNulls, privateCopy } from './private-copy.ts';

/** A request body, parsed, with the fields that it states twice. */
export interface Body {
  readonly value: unknown;
  readonly problems: readonly FieldProblem[];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function assertRecord(value: unknown, kind: string): asserts value is Record<string, unknown> {
  if (isRecord(value)) return;
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind}): expected a JSON object`,
  );
}

function cannotBeHandled(kind: string, version: string): (text: string) => Error {
  return (text) =>
    badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${text}`);
}

function stated(value: Record<string, unknown>, field: string): string {
  const text = value[field];
  return typeof text === 'string' ? text : '';
}

function assertKind(kind: ServedKind, value: Record<string, unknown>): void {
  const { definition } = kind;
  const expected = apiVersionOf(definition);
  const apiVersion = stated(value, 'apiVersion');
  if (apiVersion !== '' && apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  const stating = stated(value, 'kind');
  if (stating !== '' && stating !== definition.kind) {
    throw badRequest(
      `${stating} in version "${definition.version}" cannot be handled as a ${definition.kind}: ` +
        `the kind of the data does not match the resource "${definition.plural}"`,
    );
  }
}

/** Problems of a decoded object, told apart by what they lead to. */
export function reportProblems(
  call: Pick<Call, 'fieldValidation' | 'warn'>,
  problems: readonly FieldProblem[],
  fail: (text: string) => Error,
): void {
  const fatal = problems.find((problem) => problem.kind === 'type');
  if (fatal !== undefined) throw fail(fatal.message);
  if (problems.length === 0 || call.fieldValidation === 'Ignore') return;
  const messages = problems.map((problem) => problem.message);
  if (call.fieldValidation === 'Strict') {
    throw fail(`strict decoding error: ${messages.join(', ')}`);
  }
  for (const message of messages) call.warn(message);
}

/**
 * Turns a request body into an object of `kind`, checked against its schema as `call.fieldValidation` asks.
 * @throws ApiError `BadRequest`
 */
export function decodeObject(
  kind: ServedKind,
  body: Body,
  call: Pick<Call, 'fieldValidation' | 'warn'>,
): AnyObject {
  const { definition } = kind;
  const { value } = body;
  assertRecord(value, definition.kind);
  assertKind(kind, value);
  const problems = [...body.problems, ...kind.checkFields(value)];
  reportProblems(call, problems, cannotBeHandled(definition.kind, definition.version));
  if (problems.some((problem) => problem.kind === 'unknown')) kind.dropUnknown(value);
  return withMetadata(value);
}

/** Go's structs always have their metadata. */
export function withMetadata(value: Record<string, unknown>): AnyObject {
  value['metadata'] ??= {};
  return value as AnyObject;
}

/**
 * Decodes a body that is never stored: DeleteOptions, a Scale, a review. Unknown fields and nulls say nothing in it.
 * @throws ApiError `BadRequest` for what Go could not decode
 */
export function decodeAs(schema: SchemaName, { value }: Pick<Body, 'value'>): AnyObject {
  const [kind = '', version = ''] = schema.split('.').toReversed();
  assertRecord(value, kind);
  const call = { fieldValidation: 'Ignore', warn: () => {} } as const;
  reportProblems(call, checkFields(schema, value), cannotBeHandled(kind, version));
  const decoded = withMetadata(copyWithoutNulls(value));
  fillNullElements(schema, decoded);
  return decoded;
}

/** The schema of a kind of Kubernetes' own groups: `authentication.k8s.io/v1 TokenRequest`, `v1 Binding`. */
export function schemaOf(type: {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}): SchemaName {
  const [group = ''] = type.group.split('.');
  return `io.k8s.api.${group === '' ? 'core' : group}.${type.version}.${type.kind}`;
}

/** `omitempty` of `meta/v1 ObjectMeta`: empty labels are the same as none. */
function withoutEmpty(metadata: AnyObject['metadata']): AnyObject['metadata'] {
  const entries = Object.entries(metadata).filter(
    ([, value]) => value !== '' && !(typeof value === 'object' && Object.keys(value).length === 0),
  );
  return Object.fromEntries(entries) as unknown as AnyObject['metadata'];
}

/** A complete, private object: kind and metadata present, nulls gone where Go would not keep them. */
export function ownCopy(kind: ServedKind, object: AnyObject): AnyObject {
  const copied = kind.isCustom ? privateCopy(object) : copyWithoutNulls(object);
  kind.fillNulls(copied);
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = copied;
  return {
    apiVersion: apiVersionOf(kind.definition),
    kind: kind.definition.kind,
    metadata: withoutEmpty(
      copyWithoutNulls({ ...metadata, managedFields: undefined, selfLink: undefined }),
    ),
    ...rest,
  };
}
