import { isDeepStrictEqual } from 'node:util';
import {
  badRequest,
  conflict,
  FieldPath,
  invalid,
  validateMeta,
  validateMetaUpdate,
  type AnyObject,
  type FieldError,
} from '../../kube/index.ts';
import { writeAdmitted, type Written } from './admit.ts';
import type { Call, RegistryContext, Target } from './context.ts';
import { ownCopy } from './decode-object.ts';
import { getObject } from './get.ts';
import { holdsBack } from './hold.ts';
import { storeKey } from './store-key.ts';

/**
 * How often a write that names no resourceVersion is tried again after another one came between. Each lost race is
 * somebody else's success, so this many mean as many writers at once.
 */
const raceAttempts = 1000;

/** A change of one object, from whichever verb. */
export interface Change {
  readonly target: Target;
  readonly call: Call;
  /** Empty for the object itself; `status` keeps everything else, any other keeps the status. */
  readonly subresource?: string;
  /** True when the server itself made the change (a binding): no rule of the kind stands against it. */
  readonly isTrusted?: boolean;
  /**
   * Makes the wanted object from the stored one, which is shared. A `metadata.resourceVersion` in the result is a
   * precondition. Runs again after a lost race.
   */
  next(existing: AnyObject): AnyObject | Promise<AnyObject>;
}

function assertPreconditions({ target }: Change, next: AnyObject, existing: AnyObject): void {
  const { definition } = target.kind;
  const { name, uid, resourceVersion = '' } = next.metadata;
  if (name !== undefined && name !== target.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${target.name})`,
    );
  }
  if (resourceVersion !== '' && resourceVersion !== existing.metadata.resourceVersion) {
    throw conflict(definition, target.name);
  }
  if (uid !== undefined && uid !== '' && uid !== existing.metadata.uid) {
    throw conflict(
      definition,
      target.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${existing.metadata.uid ?? ''}`,
    );
  }
}

/** Fields of metadata that only the server writes: an update carries them over. */
const serverFields = [
  'uid',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'resourceVersion',
] as const;

function carryOver(next: AnyObject, existing: AnyObject): void {
  const metadata = next.metadata as unknown as Record<string, unknown>;
  for (const field of serverFields) {
    if (existing.metadata[field] === undefined) delete metadata[field];
    else metadata[field] = existing.metadata[field];
  }
  metadata['name'] = existing.metadata.name;
  if (existing.metadata.namespace !== undefined && metadata['namespace'] === undefined) {
    metadata['namespace'] = existing.metadata.namespace;
  }
}

function keepField(next: AnyObject, existing: AnyObject, field: 'status'): void {
  if (existing[field] === undefined) delete next[field];
  else next[field] = existing[field];
}

/** What the verb may change, on top of what was there. */
function merged(change: Change, wanted: AnyObject, existing: AnyObject): AnyObject {
  const { kind } = change.target;
  if (change.subresource === 'status') {
    const { status: _status, ...rest } = existing;
    const next = ownCopy(kind, { ...rest, status: wanted['status'] });
    // Pruning and defaulting are what a custom resource's schema does to its status, too.
    if (kind.isCustom) kind.definition.defaults?.(next);
    return next;
  }
  const next = ownCopy(kind, wanted);
  carryOver(next, existing);
  if (change.isTrusted === true) return next;
  if (kind.definition.hasStatus) keepField(next, existing, 'status');
  kind.definition.defaults?.(next);
  kind.definition.prepareUpdate?.(next, existing);
  return next;
}

/** Everything that `metadata.generation` counts: all but metadata, and the status where it is a subresource. */
function counted(change: Change, object: AnyObject): Record<string, unknown> {
  const { metadata: _metadata, ...rest } = object;
  if (!change.target.kind.definition.hasStatus) return rest;
  const { status: _status, ...content } = rest as Record<string, unknown>;
  return content;
}

function bumpGeneration(change: Change, next: AnyObject, existing: AnyObject): void {
  if (!change.target.kind.definition.hasGeneration || change.subresource === 'status') return;
  if (isDeepStrictEqual(counted(change, next), counted(change, existing))) return;
  next.metadata.generation = (existing.metadata.generation ?? 0) + 1;
}

function statusErrors(change: Change, next: AnyObject, existing: AnyObject): FieldError[] {
  const { definition, isCustom } = change.target.kind;
  // The schema of a custom resource is about its status, too.
  if (isCustom) return definition.validate?.(next, new FieldPath()) ?? [];
  return definition.validateStatus?.(next, existing) ?? [];
}

function assertValid(change: Change, next: AnyObject, existing: AnyObject): void {
  if (change.isTrusted === true) return;
  const { definition } = change.target.kind;
  const errors =
    change.subresource === 'status'
      ? statusErrors(change, next, existing)
      : [
          ...validateMeta(next.metadata, definition),
          ...validateMetaUpdate(next.metadata, existing.metadata),
          ...(definition.validate?.(next, new FieldPath()) ?? []),
          ...(definition.validateUpdate?.(next, existing) ?? []),
        ];
  if (errors.length > 0) throw invalid(definition, change.target.name, errors);
}

/** Writes over `existing`; undefined when another write came between. */
async function store(
  context: RegistryContext,
  change: Change,
  next: AnyObject,
  existing: AnyObject,
): Promise<Written | undefined> {
  if (change.call.dryRun || isDeepStrictEqual(next, existing)) {
    return { object: change.call.dryRun ? next : existing, isStored: false };
  }
  const expected = existing.metadata.resourceVersion ?? '';
  const written = await context.store.update(storeKey(change.target), next, expected);
  return written === undefined ? undefined : { object: written as AnyObject, isStored: true };
}

/** The last finalizer of a deleted object went: the update removes it. */
async function removeInstead(
  context: RegistryContext,
  change: Change,
  last: AnyObject,
): Promise<AnyObject | undefined> {
  const { target, call } = change;
  return writeAdmitted(context, { operation: 'DELETE', target, call, previous: last }, async () => {
    if (call.dryRun) return { object: last, isStored: false };
    const expected = last.metadata.resourceVersion ?? '';
    const removed = await context.store.delete(storeKey(target), expected, last);
    return removed === undefined ? undefined : { object: removed as AnyObject, isStored: true };
  });
}

function isReleased(change: Change, next: AnyObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = next.metadata;
  return (
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds === 0 &&
    !holdsBack(change.target.kind.definition, next)
  );
}

async function tryUpdate(context: RegistryContext, change: Change): Promise<AnyObject | undefined> {
  const { target, call, subresource = '' } = change;
  const { kind, namespace, name } = target;
  const existing = await getObject(context, target);
  const wanted = await change.next(existing);
  assertPreconditions(change, wanted, existing);
  assertNamespace(wanted, namespace);
  const next = merged(change, wanted, existing);
  const admitting = { target: { kind, namespace, name }, call, subresource };
  const updated = await writeAdmitted(
    context,
    { operation: 'UPDATE', ...admitting, object: next, previous: existing },
    async () => {
      bumpGeneration(change, next, existing);
      assertValid(change, next, existing);
      // The removal below is the write.
      if (isReleased(change, next)) return { object: next, isStored: false };
      return store(context, change, next, existing);
    },
  );
  if (updated === undefined) return undefined;
  if (isReleased(change, next)) return removeInstead(context, change, next);
  if (subresource === '') {
    for (const text of kind.definition.warnings?.(updated) ?? []) call.warn(text);
  }
  return updated;
}

function assertNamespace(wanted: AnyObject, namespace: string | undefined): void {
  const stated = wanted.metadata.namespace ?? '';
  if (stated === '' || namespace === undefined || stated === namespace) return;
  throw badRequest(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
}

/**
 * Replaces an object, or the part of it that a subresource is, and returns it as stored. A change that changes
 * nothing writes nothing.
 * @throws ApiError `NotFound`, `Conflict`, `BadRequest`, `Invalid`, and whatever admission refuses with.
 */
export async function updateObject(context: RegistryContext, change: Change): Promise<AnyObject> {
  for (let attempt = 0; attempt < raceAttempts; attempt += 1) {
    const updated = await tryUpdate(context, change);
    if (updated !== undefined) return updated;
  }
  throw conflict(change.target.kind.definition, change.target.name);
}
