import type { DeleteOptions } from '../../client/index.ts';
import { conflict, type AnyObject } from '../../kube/index.ts';
import { writeAdmitted, type Written } from './admit.ts';
import type { Call, RegistryContext, Target } from './context.ts';
import { getObject } from './get.ts';
import { isNamespace } from './hold.ts';
import { planDeletion, type DeletionPlan } from './plan-deletion.ts';
import { storeKey } from './store-key.ts';

export interface DeleteRequest extends Target {
  readonly options: DeleteOptions;
  readonly call: Call;
}

/** What a DELETE did: `isGone` when the object is out of the store, else it waits for grace or finalizers. */
export interface Deleted {
  readonly object: AnyObject;
  readonly isGone: boolean;
}

function assertPreconditions(request: DeleteRequest, existing: AnyObject): void {
  const { uid, resourceVersion } = request.options.preconditions ?? {};
  const { metadata } = existing;
  const { definition } = request.kind;
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      definition,
      request.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid ?? ''}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      definition,
      request.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion ?? ''}`,
    );
  }
  if (isNamespace(definition) && metadata.deletionTimestamp !== undefined) {
    throw conflict(
      definition,
      request.name,
      'The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.',
    );
  }
}

async function remove(
  context: RegistryContext,
  request: DeleteRequest,
  last: AnyObject,
): Promise<Written | undefined> {
  if (request.call.dryRun) return { object: last, isStored: false };
  const expected = last.metadata.resourceVersion ?? '';
  const removed = await context.store.delete(storeKey(request), expected, last);
  return removed === undefined ? undefined : { object: removed as AnyObject, isStored: true };
}

async function mark(
  context: RegistryContext,
  request: DeleteRequest,
  next: AnyObject,
): Promise<AnyObject | undefined> {
  if (request.call.dryRun) return next;
  const expected = next.metadata.resourceVersion ?? '';
  return (await context.store.update(storeKey(request), next, expected)) as AnyObject | undefined;
}

/** Carries a plan out; undefined when another write came between. */
async function carryOut(
  context: RegistryContext,
  request: DeleteRequest,
  existing: AnyObject,
  plan: DeletionPlan,
): Promise<Deleted | undefined> {
  let result: Deleted | undefined;
  const admitting = { operation: 'DELETE', target: request, call: request.call } as const;
  await writeAdmitted(context, { ...admitting, previous: existing }, async () => {
    if (plan.action === 'remove') {
      const written = await remove(context, request, plan.last);
      if (written !== undefined) result = { object: written.object, isGone: true };
      return written;
    }
    const object = plan.action === 'mark' ? await mark(context, request, plan.next) : existing;
    if (object === undefined) return undefined;
    result = { object, isGone: false };
    // What admission gives back when an object goes (addresses, ports) stays taken until it is gone.
    return { object, isStored: false };
  });
  return result;
}

/**
 * Deletes an object, or starts its deletion.
 * @throws ApiError `NotFound`, `Conflict` for a failed precondition, and whatever admission refuses with.
 */
export async function deleteObject(
  context: RegistryContext,
  request: DeleteRequest,
): Promise<Deleted> {
  for (;;) {
    const existing = await getObject(context, request);
    assertPreconditions(request, existing);
    const plan = planDeletion({
      kind: request.kind.definition,
      existing,
      options: request.options,
      clock: context.clock,
    });
    const deleted = await carryOut(context, request, existing, plan);
    if (deleted !== undefined) return deleted;
  }
}
