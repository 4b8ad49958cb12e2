import { isSameJson } from '../checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  FieldPath,
  fieldRequired,
  type FieldError,
} from '../field-error.ts';
import type { Container } from './container.ts';
import type { PodSpec } from './pod-spec.ts';
import type { Pod } from './pod-types.ts';
import type { Toleration } from './taint.ts';

const changeable =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What may change in the spec of a pod that exists: `ValidatePodUpdate`. */
export function validatePodUpdate(next: Pod, previous: Pod): FieldError[] {
  const path = new FieldPath('spec');
  const counts = [next.spec, previous.spec].map(
    ({ containers, initContainers }) => `${containers.length}/${initContainers?.length ?? 0}`,
  );
  if (counts[0] !== counts[1]) {
    return [fieldForbidden(path, 'pod updates may not add or remove containers')];
  }
  return [
    ...imageErrors(next.spec, path),
    ...deadlineErrors(next.spec, previous.spec, path),
    ...tolerationErrors(next.spec.tolerations, previous.spec.tolerations, path),
    ...otherErrors(next.spec, previous.spec, path),
  ];
}

function imageErrors(spec: PodSpec, path: FieldPath): FieldError[] {
  return (['containers', 'initContainers'] as const).flatMap((field) =>
    (spec[field] ?? []).flatMap(({ image = '' }, position) =>
      image === '' ? [fieldRequired(path.child(field).index(position).child('image'))] : [],
    ),
  );
}

/** A deadline may be set, or brought forward; never taken off or put back. */
function deadlineErrors(next: PodSpec, previous: PodSpec, path: FieldPath): FieldError[] {
  const at = path.child('activeDeadlineSeconds');
  const { activeDeadlineSeconds: before } = previous;
  const { activeDeadlineSeconds: after } = next;
  if (before === undefined || after === before) return [];
  if (after === undefined) {
    return [fieldInvalid(at, null, 'must not update from a positive integer to nil value')];
  }
  return after > before
    ? [fieldInvalid(at, after, 'must be less than or equal to previous value')]
    : [];
}

function tolerationErrors(
  next: readonly Toleration[] = [],
  previous: readonly Toleration[] = [],
  path: FieldPath,
): FieldError[] {
  const bare = (toleration: Toleration): Toleration => ({
    ...toleration,
    tolerationSeconds: undefined,
  });
  const isKept = previous.every((old) => next.some((one) => isSameJson(bare(one), bare(old))));
  return isKept
    ? []
    : [
        fieldForbidden(
          path.child('tolerations'),
          'existing toleration can not be modified except its tolerationSeconds',
        ),
      ];
}

/** The spec with everything blanked that may change. */
function withoutChangeable(spec: PodSpec, grace: number | undefined): Record<string, unknown> {
  const withoutImage = (container: Container): Container => ({ ...container, image: undefined });
  return {
    ...spec,
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    containers: spec.containers.map(withoutImage),
    initContainers: spec.initContainers?.map(withoutImage),
    terminationGracePeriodSeconds: grace,
  };
}

function otherErrors(next: PodSpec, previous: PodSpec, path: FieldPath): FieldError[] {
  const { terminationGracePeriodSeconds: before } = previous;
  const { terminationGracePeriodSeconds: after } = next;
  const isRepaired = (before ?? 0) < 0 && after === 1;
  const old = withoutChangeable(previous, isRepaired ? after : before);
  const current = withoutChangeable(next, after);
  if (isSameJson(old, current)) return [];
  return [fieldForbidden(path, `${changeable}\n${difference(old, current, path)}`)];
}

/** The top-level fields that differ, old value before new one, as Kubernetes appends its diff. */
function difference(
  old: Record<string, unknown>,
  current: Record<string, unknown>,
  path: FieldPath,
): string {
  const fields = [...new Set([...Object.keys(old), ...Object.keys(current)])].sort();
  return fields
    .filter((field) => !isSameJson(old[field], current[field]))
    .flatMap((field) => [
      `- ${String(path.child(field))}: ${JSON.stringify(old[field])}`,
      `+ ${String(path.child(field))}: ${JSON.stringify(current[field])}`,
    ])
    .join('\n');
}
