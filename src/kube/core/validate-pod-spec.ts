import {
  checkEnum,
  checkIp,
  checkNotNegative,
  checkPresent,
  checkText,
  isUnset,
} from '../checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '../names.ts';
import { validateAnnotations } from '../validate-meta.ts';
import { validateLabels } from '../validate-selector.ts';
import type { PodSpec, PodTemplateSpec } from './pod-spec.ts';
import { validateAffinity } from './validate-affinity.ts';
import { validateContainers } from './validate-containers.ts';
import { validateDns } from './validate-dns.ts';
import { validatePodSecurityContext } from './validate-security-context.ts';
import { validateTolerations, validateTopologySpread } from './validate-scheduling.ts';
import { validateVolumes } from './validate-volumes.ts';

const maxInt32 = 2 ** 31 - 1;

/**
 * Checks the spec of a pod or of a pod template as `ValidatePodSpec` does; defaults must be filled in.
 * @param path of the spec, e.g. `spec` or `spec.template.spec`
 */
export function validatePodSpec(spec: PodSpec, path: FieldPath): FieldError[] {
  return [
    ...validateVolumes(spec.volumes ?? [], path.child('volumes')),
    ...validateContainers(spec, path),
    ...checkEnum(path.child('restartPolicy'), spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...validateDns(spec, path),
    ...validateTimes(spec, path),
    ...validatePlacement(spec, path),
    ...validateNames(spec, path),
    ...validateHostAliases(spec, path),
    ...validatePodSecurityContext(spec, path.child('securityContext')),
  ];
}

/** Checks a `core/v1 PodTemplateSpec`: labels, annotations and spec. */
export function validatePodTemplate(
  template: PodTemplateSpec | undefined,
  path: FieldPath,
): FieldError[] {
  if (template?.spec === undefined) return [fieldRequired(path.child('spec', 'containers'))];
  const { metadata, spec } = template;
  const errors = [
    ...validateLabels(metadata?.labels, path.child('labels')),
    ...validateAnnotations(metadata?.annotations, path.child('annotations')),
    ...validatePodSpec(spec, path.child('spec')),
  ];
  return (spec.ephemeralContainers?.length ?? 0) > 0
    ? [
        ...errors,
        fieldForbidden(
          path.child('spec', 'ephemeralContainers'),
          'ephemeral containers not allowed in pod template',
        ),
      ]
    : errors;
}

function validateTimes(spec: PodSpec, path: FieldPath): FieldError[] {
  const { activeDeadlineSeconds: deadline } = spec;
  return [
    ...checkNotNegative(
      path.child('terminationGracePeriodSeconds'),
      spec.terminationGracePeriodSeconds,
    ),
    ...(deadline !== undefined && (deadline < 1 || deadline > maxInt32)
      ? [
          fieldInvalid(
            path.child('activeDeadlineSeconds'),
            deadline,
            `must be between 1 and ${maxInt32}, inclusive`,
          ),
        ]
      : []),
  ];
}

function validatePlacement(spec: PodSpec, path: FieldPath): FieldError[] {
  return [
    ...validateLabels(spec.nodeSelector, path.child('nodeSelector')),
    ...validateAffinity(spec.affinity, path.child('affinity')),
    ...validateTolerations(spec.tolerations ?? [], path.child('tolerations')),
    ...validateTopologySpread(
      spec.topologySpreadConstraints ?? [],
      path.child('topologySpreadConstraints'),
    ),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, position) =>
      checkText(
        path.child('readinessGates').index(position).child('conditionType'),
        conditionType,
        qualifiedName,
      ),
    ),
  ];
}

/** Optional names of other objects, or parts of DNS names. */
function validateNames(spec: PodSpec, path: FieldPath): FieldError[] {
  const fields = [
    ['serviceAccountName', dns1123Subdomain],
    ['nodeName', dns1123Subdomain],
    ['hostname', dns1123Label],
    ['subdomain', dns1123Label],
    ['priorityClassName', dns1123Subdomain],
    ['runtimeClassName', dns1123Subdomain],
    ['schedulerName', dns1123Subdomain],
  ] as const;
  return fields.flatMap(([field, check]) => {
    const value = spec[field];
    return isUnset(value) ? [] : checkText(path.child(field), value, check);
  });
}

function validateHostAliases(spec: PodSpec, path: FieldPath): FieldError[] {
  return (spec.hostAliases ?? []).flatMap(({ ip, hostnames = [] }, position) => {
    const at = path.child('hostAliases').index(position);
    return [
      ...checkPresent(at.child('ip'), ip),
      ...(isUnset(ip) ? [] : checkIp(at.child('ip'), ip)),
      ...hostnames.flatMap((name, index) =>
        checkText(at.child('hostnames').index(index), name, dns1123Subdomain),
      ),
    ];
  });
}
