import { checkIp } from '../checks.ts';
import { fieldForbidden, FieldPath, type FieldError } from '../field-error.ts';
import type { Pod } from './pod-types.ts';
import { validatePodSpec } from './validate-pod-spec.ts';

export function validatePod({ spec }: Pod, path: FieldPath): FieldError[] {
  return validatePodSpec(spec, path.child('spec'));
}

/** Checks what node agents report. */
export function validatePodStatus(next: Pod, previous: Pod): FieldError[] {
  const status = new FieldPath('status');
  const ips = next.status?.podIPs ?? [];
  const { nodeName } = previous.spec;
  return [
    ...(nodeName !== undefined && next.spec.nodeName !== nodeName
      ? [fieldForbidden(status.child('nodeName'), 'may not be changed directly')]
      : []),
    ...ips.flatMap(({ ip }, position) =>
      checkIp(status.child('podIPs').index(position).child('ip'), ip),
    ),
  ];
}
