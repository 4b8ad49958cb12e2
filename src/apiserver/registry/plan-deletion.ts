import type { Clock } from '../../clock/index.ts';
import type { DeleteOptions } from '../../client/index.ts';
import type { AnyObject, KindDefinition } from '../../kube/index.ts';
import { holdsBack, isNamespace } from './hold.ts';
import { privateCopy } from './private-copy.ts';

/** What a DELETE comes to. `mark` writes `next`, which stays until its grace or its finalizers are over. */
export type DeletionPlan =
  | { readonly action: 'remove'; readonly last: AnyObject }
  | { readonly action: 'mark'; readonly next: AnyObject }
  | { readonly action: 'nothing' };

export interface Deletion {
  readonly kind: KindDefinition;
  readonly existing: AnyObject;
  readonly options: DeleteOptions;
  readonly clock: Clock;
}

/** RFC 3339, whole seconds. */
function timeText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

const dependentsFinalizers = ['orphan', 'foregroundDeletion'];

function wantedFinalizer({ options, existing }: Deletion): string | undefined {
  const current = existing.metadata.finalizers ?? [];
  switch (options.propagationPolicy) {
    case 'Orphan':
      return 'orphan';
    case 'Foreground':
      return 'foregroundDeletion';
    case 'Background':
      return undefined;
    default:
      return dependentsFinalizers.find((name) => current.includes(name));
  }
}

/** The finalizers with the one that the propagation policy asks for (`deletionFinalizersForGarbageCollection`). */
function finalizersAfter(deletion: Deletion): string[] {
  const current = deletion.existing.metadata.finalizers ?? [];
  const wanted = wantedFinalizer(deletion);
  const others = current.filter((name) => !dependentsFinalizers.includes(name) || name === wanted);
  return wanted === undefined || others.includes(wanted) ? others : [...others, wanted];
}

/** Seconds until removal: the kind's own say first, a zero of which cannot be lengthened. */
function graceOf({ kind, existing, options }: Deletion): number | undefined {
  if (kind.graceSeconds === undefined) return undefined;
  const byKind = kind.graceSeconds(existing);
  if (byKind === 0) return 0;
  return wantedGrace(options) ?? byKind;
}

/** A negative wish is the shortest grace there is (`BeforeDelete`). */
function wantedGrace({ gracePeriodSeconds }: DeleteOptions): number | undefined {
  return gracePeriodSeconds !== undefined && gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds;
}

/** The object with a deletion time, for the first time. */
function marked(deletion: Deletion, grace: number): AnyObject {
  const next = privateCopy(deletion.existing);
  const { metadata } = next;
  metadata.deletionTimestamp = timeText(deletion.clock.now() + grace * 1000);
  metadata.deletionGracePeriodSeconds = grace;
  if (metadata.generation !== undefined) metadata.generation += 1;
  setFinalizers(next, finalizersAfter(deletion));
  if (isNamespace(deletion.kind)) {
    next['status'] = { ...(next['status'] as object | undefined), phase: 'Terminating' };
  }
  return next;
}

function setFinalizers(object: AnyObject, finalizers: string[]): void {
  if (finalizers.length === 0) delete object.metadata.finalizers;
  else object.metadata.finalizers = finalizers;
}

/** A second DELETE may shorten the grace and change the propagation, never lengthen. */
function again(deletion: Deletion): DeletionPlan {
  const { existing, options, kind } = deletion;
  const { deletionTimestamp = '', deletionGracePeriodSeconds: current = 0 } = existing.metadata;
  const next = privateCopy(existing);
  setFinalizers(next, finalizersAfter(deletion));
  const isHeld = holdsBack(kind, next);
  const wanted = wantedGrace(options);
  if (wanted !== undefined && wanted < current) {
    const start = Date.parse(deletionTimestamp) - current * 1000;
    next.metadata.deletionTimestamp = timeText(start + wanted * 1000);
    next.metadata.deletionGracePeriodSeconds = wanted;
    return wanted === 0 && !isHeld ? { action: 'remove', last: next } : { action: 'mark', next };
  }
  if (current === 0 && !isHeld) return { action: 'remove', last: next };
  const isSame = existing.metadata.finalizers?.join() === next.metadata.finalizers?.join();
  return isSame ? { action: 'nothing' } : { action: 'mark', next };
}

/** Decides what a DELETE does, `BeforeDelete` and `updateForGracefulDeletionAndFinalizers` in Kubernetes. Pure. */
export function planDeletion(deletion: Deletion): DeletionPlan {
  if (deletion.existing.metadata.deletionTimestamp !== undefined) return again(deletion);
  const grace = graceOf(deletion);
  const next = marked(deletion, grace ?? 0);
  if (holdsBack(deletion.kind, next)) return { action: 'mark', next };
  if (grace !== undefined && grace > 0) return { action: 'mark', next };
  // Without grace the last state says nothing of a deletion time, as Kubernetes has it.
  return { action: 'remove', last: grace === undefined ? deletion.existing : next };
}
