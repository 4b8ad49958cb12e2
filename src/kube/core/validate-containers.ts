import { checkEnum, checkPresent, checkRequiredText, checkUnique, isUnset } from '../checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldNotSupported,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import { dns1123Label } from '../names.ts';
import { isSidecar, type Container } from './container.ts';
import type { PodSpec } from './pod-spec.ts';
import { hostPortConflicts, validateContainerPorts } from './validate-container-ports.ts';
import { validateEnv, validateEnvFrom } from './validate-env.ts';
import { validateProbes } from './validate-probes.ts';
import { validateResources } from './validate-resources.ts';
import {
  hostNetworkPortErrors,
  hostUserErrors,
  validateSecurityContext,
} from './validate-security-context.ts';
import { checkLocalPath } from './validate-volumes.ts';
import type { VolumeMount } from './volume.ts';

/** Checks main, init and ephemeral containers, and what they may not share. */
export function validateContainers(spec: PodSpec, path: FieldPath): FieldError[] {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec;
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const each = (list: readonly Container[], field: string): FieldError[] =>
    list.flatMap((container, position) =>
      validateContainer(container, path.child(field).index(position), volumes),
    );
  return [
    ...(containers.length === 0 ? [fieldRequired(path.child('containers'))] : []),
    ...each(containers, 'containers'),
    ...mainOnlyErrors(containers, path.child('containers')),
    ...each(initContainers, 'initContainers'),
    ...initContainers.flatMap((container, position) =>
      initErrors(container, path.child('initContainers').index(position)),
    ),
    ...each(ephemeralContainers, 'ephemeralContainers'),
    ...repeatedNames(spec, path),
    ...hostPortConflicts(containers, path.child('containers')),
    ...hostNetworkPortErrors(spec, path),
    ...hostUserErrors(spec, path),
  ];
}

/** Names are unique over all three lists; the later container is the one at fault. */
function repeatedNames(spec: PodSpec, path: FieldPath): FieldError[] {
  const fields = ['containers', 'initContainers', 'ephemeralContainers'] as const;
  const all = fields.flatMap((field) =>
    (spec[field] ?? []).map(({ name }, position) => ({
      name,
      at: path.child(field).index(position).child('name'),
    })),
  );
  return checkUnique(
    all.map(({ name }) => name),
    (position) => all[position]?.at ?? path,
  );
}

function validateContainer(
  container: Container,
  path: FieldPath,
  volumes: ReadonlySet<string>,
): FieldError[] {
  return [
    ...checkRequiredText(path.child('name'), container.name, dns1123Label),
    ...imageErrors(container, path.child('image')),
    ...validateContainerPorts(container.ports ?? [], path.child('ports')),
    ...validateEnv(container.env ?? [], path.child('env')),
    ...validateEnvFrom(container.envFrom ?? [], path.child('envFrom')),
    ...validateMounts(container.volumeMounts ?? [], path.child('volumeMounts'), volumes),
    ...checkEnum(path.child('imagePullPolicy'), container.imagePullPolicy, [
      'Always',
      'IfNotPresent',
      'Never',
    ]),
    ...checkEnum(path.child('terminationMessagePolicy'), container.terminationMessagePolicy, [
      'FallbackToLogsOnError',
      'File',
    ]),
    ...checkPresent(path.child('terminationMessagePath'), container.terminationMessagePath),
    ...validateProbes(container, path),
    ...validateResources(container.resources, path.child('resources')),
    ...validateSecurityContext(container.securityContext, path.child('securityContext')),
  ];
}

function imageErrors({ image }: Container, path: FieldPath): FieldError[] {
  if (isUnset(image)) return [fieldRequired(path)];
  return image === image.trim()
    ? []
    : [fieldInvalid(path, image, 'must not have leading or trailing whitespace')];
}

function validateMounts(
  mounts: readonly VolumeMount[],
  path: FieldPath,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap((mount, position) => {
    const at = path.index(position);
    const isRepeated = paths.has(mount.mountPath);
    paths.add(mount.mountPath);
    return [
      ...(isUnset(mount.name) ? [fieldRequired(at.child('name'))] : []),
      ...(isUnset(mount.mountPath) ? [fieldRequired(at.child('mountPath'))] : []),
      ...(volumes.has(mount.name) ? [] : [fieldNotFound(at.child('name'), mount.name)]),
      ...(isRepeated
        ? [fieldInvalid(at.child('mountPath'), mount.mountPath, 'must be unique')]
        : []),
      ...subPathErrors(mount, at),
    ];
  });
}

function subPathErrors({ subPath, subPathExpr }: VolumeMount, path: FieldPath): FieldError[] {
  const isBoth = !isUnset(subPath) && !isUnset(subPathExpr);
  return [
    ...(isUnset(subPath) ? [] : checkLocalPath(path.child('subPath'), subPath)),
    ...(isUnset(subPathExpr) ? [] : checkLocalPath(path.child('subPathExpr'), subPathExpr)),
    ...(isBoth
      ? [
          fieldInvalid(
            path.child('subPathExpr'),
            subPathExpr,
            'subPathExpr and subPath are mutually exclusive',
          ),
        ]
      : []),
  ];
}

/** Main containers follow the pod's restart policy (KEP-753). */
function mainOnlyErrors(containers: readonly Container[], path: FieldPath): FieldError[] {
  return containers.flatMap(({ restartPolicy }, position) =>
    restartPolicy === undefined
      ? []
      : [
          fieldForbidden(
            path.index(position).child('restartPolicy'),
            'may not be set for non-init containers',
          ),
        ],
  );
}

const sidecarOnly = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function initErrors(container: Container, path: FieldPath): FieldError[] {
  if (isSidecar(container)) return [];
  const policy = container.restartPolicy;
  return [
    ...(policy === undefined
      ? []
      : [fieldNotSupported(path.child('restartPolicy'), policy, ['Always'])]),
    ...sidecarOnly
      .filter((field) => container[field] !== undefined)
      .map((field) =>
        fieldForbidden(
          path.child(field),
          'may not be set for init containers without restartPolicy=Always',
        ),
      ),
  ];
}
