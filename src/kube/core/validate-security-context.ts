import { checkOptionalEnum, checkPresent } from '../checks.ts';
import { fieldForbidden, fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import type { PodSpec } from './pod-spec.ts';
import type { ConfinementProfile, SecurityContext, Sysctl } from './security-context.ts';

const maxId = 2 ** 31 - 1;

function checkId(path: FieldPath, id: number | undefined): FieldError[] {
  return id === undefined || (id >= 0 && id <= maxId)
    ? []
    : [fieldInvalid(path, id, `must be between 0 and ${maxId}, inclusive`)];
}

/** Ids, sysctls and profiles of the whole pod. */
export function validatePodSecurityContext(spec: PodSpec, path: FieldPath): FieldError[] {
  const context = spec.securityContext ?? {};
  const { sysctls = [], supplementalGroups = [] } = context;
  const sharesBoth = spec.shareProcessNamespace === true && spec.hostPID === true;
  return [
    ...checkId(path.child('runAsUser'), context.runAsUser),
    ...checkId(path.child('runAsGroup'), context.runAsGroup),
    ...checkId(path.child('fsGroup'), context.fsGroup),
    ...supplementalGroups.flatMap((id, position) =>
      checkId(path.child('supplementalGroups').index(position), id),
    ),
    ...sysctls.flatMap((sysctl, position) =>
      checkSysctl(path.child('sysctls').index(position), sysctl),
    ),
    ...checkOptionalEnum(path.child('fsGroupChangePolicy'), context.fsGroupChangePolicy, [
      'OnRootMismatch',
      'Always',
    ]),
    ...validateProfile(context.seccompProfile, path.child('seccompProfile')),
    ...(sharesBoth
      ? [
          fieldInvalid(
            path.child('shareProcessNamespace'),
            true,
            'ShareProcessNamespace and HostPID cannot both be enabled',
          ),
        ]
      : []),
  ];
}

const sysctlSegment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlExpression = `(${sysctlSegment}[\\./])*${sysctlSegment}`;
const sysctlName = new RegExp(`^${sysctlExpression}$`);

function checkSysctl(path: FieldPath, { name }: Sysctl): FieldError[] {
  const missing = checkPresent(path.child('name'), name);
  if (missing.length > 0 || (sysctlName.test(name) && name.length <= 253)) return missing;
  return [
    fieldInvalid(
      path.child('name'),
      name,
      `must have at most 253 characters and match regex ^${sysctlExpression}$`,
    ),
  ];
}

function validateProfile(profile: ConfinementProfile | undefined, path: FieldPath): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const at = path.child('localhostProfile');
  if (type === 'Localhost') {
    return checkPresent(at, localhostProfile, 'must be set when seccomp type is Localhost');
  }
  return [
    ...checkOptionalEnum(path.child('type'), type, ['Localhost', 'RuntimeDefault', 'Unconfined']),
    ...(localhostProfile === undefined
      ? []
      : [fieldInvalid(at, localhostProfile, 'can only be set when seccomp type is Localhost')]),
  ];
}

/** The security context of one container. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  path: FieldPath,
): FieldError[] {
  if (context === undefined) return [];
  return [
    ...checkId(path.child('runAsUser'), context.runAsUser),
    ...checkId(path.child('runAsGroup'), context.runAsGroup),
    ...checkOptionalEnum(path.child('procMount'), context.procMount, ['Default', 'Unmasked']),
    ...validateProfile(context.seccompProfile, path.child('seccompProfile')),
    ...escalationErrors(context, path),
  ];
}

function escalationErrors(context: SecurityContext, path: FieldPath): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return [];
  const addsAdmin = context.capabilities?.add?.some((name) => /^(CAP_)?SYS_ADMIN$/.test(name));
  return [
    ...(context.privileged === true
      ? [
          fieldInvalid(
            path,
            context,
            'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
          ),
        ]
      : []),
    ...(addsAdmin === true
      ? [
          fieldInvalid(
            path,
            context,
            'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
          ),
        ]
      : []),
  ];
}

/** Ports of a pod in the host's network are host ports. */
export function hostNetworkPortErrors(spec: PodSpec, path: FieldPath): FieldError[] {
  if (spec.hostNetwork !== true) return [];
  return (spec.containers ?? []).flatMap(({ ports = [] }, container) =>
    ports.flatMap(({ containerPort, hostPort }, position) =>
      hostPort === undefined || hostPort === containerPort
        ? []
        : [
            fieldInvalid(
              path
                .child('containers')
                .index(container)
                .child('ports')
                .index(position)
                .child('containerPort'),
              containerPort,
              'must match `hostPort` when `hostNetwork` is true',
            ),
          ],
    ),
  );
}

/** Host users and host namespaces exclude each other. */
export function hostUserErrors(spec: PodSpec, path: FieldPath): FieldError[] {
  if (spec.hostUsers !== false) return [];
  return (['hostNetwork', 'hostPID', 'hostIPC'] as const)
    .filter((field) => spec[field] === true)
    .map((field) => fieldForbidden(path.child(field), 'when `hostUsers` is false'));
}
