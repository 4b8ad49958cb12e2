import { randomUUID } from 'node:crypto';
import { timestamp } from '../../clock/index.ts';
import {
  alreadyExists,
  badRequest,
  FieldPath,
  invalid,
  validateMeta,
  type AnyObject,
} from '../../kube/index.ts';
import { writeAdmitted, type Written } from './admit.ts';
import type { Call, Collection, RegistryContext, Target } from './context.ts';
import { ownCopy } from './decode-object.ts';
import { generateName } from './generate-name.ts';
import { storeKey } from './store-key.ts';

/** How often a generated name that is taken is made anew (KEP-4420). */
const generateAttempts = 8;

export interface CreateRequest extends Collection {
  readonly object: AnyObject;
  readonly call: Call;
}

function assertNamespace(request: CreateRequest, object: AnyObject): void {
  const { namespace } = object.metadata;
  if (namespace === undefined || namespace === '' || namespace === request.namespace) return;
  if (!request.kind.definition.namespaced) return;
  throw badRequest(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
}

function hasName(object: AnyObject): boolean {
  return object.metadata.name !== undefined && object.metadata.name !== '';
}

/** Sets what the server alone decides, `FillObjectMetaSystemFields` and `BeforeCreate` in Kubernetes. */
function fillSystemFields(context: RegistryContext, request: CreateRequest): AnyObject {
  const object = ownCopy(request.kind, request.object);
  const { metadata } = object;
  if ((metadata.resourceVersion ?? '') !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  assertNamespace(request, object);
  if (request.namespace !== undefined) metadata.namespace = request.namespace;
  if (!hasName(object) && (metadata.generateName ?? '') !== '') {
    metadata.name = generateName(metadata.generateName ?? '');
  }
  // Validation refuses it; until then it is Go's empty text, which what reads names may rely on.
  metadata.name ??= '';
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(context.clock);
  if (request.kind.definition.hasGeneration) metadata.generation = 1;
  return object;
}

function assertValid({ kind }: CreateRequest, object: AnyObject): void {
  const { definition } = kind;
  const errors = [
    ...validateMeta(object.metadata, definition),
    ...(definition.validate?.(object, new FieldPath()) ?? []),
    ...(definition.validateCreate?.(object) ?? []),
  ];
  if (errors.length > 0) {
    const name = hasName(object) ? object.metadata.name : (object.metadata.generateName ?? '');
    throw invalid(definition, name, errors);
  }
}

/** Writes unless the name is taken; returns undefined when it is. */
async function store(
  context: RegistryContext,
  target: Target,
  object: AnyObject,
  dryRun: boolean,
): Promise<Written | undefined> {
  const key = storeKey(target);
  if (dryRun) {
    const existing = await context.store.get(key);
    return existing === undefined ? { object, isStored: false } : undefined;
  }
  const written = await context.store.create(key, object);
  return written === undefined ? undefined : { object: written as AnyObject, isStored: true };
}

async function tryCreate(
  context: RegistryContext,
  request: CreateRequest,
): Promise<{ readonly name: string; readonly created: AnyObject | undefined }> {
  const { kind, call } = request;
  const { definition } = kind;
  const object = fillSystemFields(context, request);
  definition.defaults?.(object);
  definition.prepareCreate?.(object);
  const name = object.metadata.name ?? '';
  const target: Target = { kind, namespace: request.namespace, name };
  const created = await writeAdmitted(
    context,
    { operation: 'CREATE', target, call, object },
    async () => {
      assertValid(request, object);
      return store(context, target, object, call.dryRun);
    },
  );
  if (created !== undefined)
    for (const text of definition.warnings?.(created) ?? []) call.warn(text);
  return { name, created };
}

/**
 * Creates an object and returns it as stored.
 * @throws ApiError `BadRequest`, `Invalid`, `AlreadyExists`, and whatever admission refuses with.
 */
export async function createObject(
  context: RegistryContext,
  request: CreateRequest,
): Promise<AnyObject> {
  const attempts = hasName(request.object) ? 1 : generateAttempts;
  for (let attempt = 1; ; attempt += 1) {
    const { name, created } = await tryCreate(context, request);
    if (created !== undefined) return created;
    if (attempt === attempts) throw alreadyExists(request.kind.definition, name);
  }
}
