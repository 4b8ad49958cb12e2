import {
  checkNotNegative,
  checkPresent,
  checkRequiredText,
  checkUnique,
  isUnset,
} from '../checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import { dns1123Label } from '../names.ts';
import { tryParseQuantity } from '../quantity.ts';
import type { KeyToPath } from './object-references.ts';
import { validateFieldRef } from './validate-env.ts';
import type {
  DownwardAPIVolumeFile,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
  VolumeSource,
} from './volume.ts';

export function validateVolumes(volumes: readonly Volume[], path: FieldPath): FieldError[] {
  return [
    ...volumes.flatMap((volume, position) => validateVolume(volume, path.index(position))),
    ...checkUnique(
      volumes.map(({ name }) => name),
      (position) => path.index(position).child('name'),
    ),
  ];
}

function validateVolume(volume: Volume, path: FieldPath): FieldError[] {
  const { name, ...sources } = volume;
  const [first, ...others] = Object.entries(sources).filter(([, source]) => source !== undefined);
  return [
    ...checkRequiredText(path.child('name'), name, dns1123Label),
    ...(first === undefined ? [fieldRequired(path, 'must specify a volume type')] : []),
    ...others.map(([field]) =>
      fieldForbidden(path.child(field), 'may not specify more than 1 volume type'),
    ),
    ...validateSource(sources, path),
  ];
}

function validateSource(source: VolumeSource, path: FieldPath): FieldError[] {
  const { secret, configMap, hostPath, emptyDir, nfs, projected, downwardAPI } = source;
  return [
    ...(secret === undefined
      ? []
      : [
          ...checkPresent(path.child('secret', 'secretName'), secret.secretName),
          ...checkMode(path.child('secret', 'defaultMode'), secret.defaultMode),
          ...validateItems(secret.items, path.child('secret', 'items')),
        ]),
    ...(configMap === undefined
      ? []
      : [
          ...checkPresent(path.child('configMap', 'name'), configMap.name),
          ...checkMode(path.child('configMap', 'defaultMode'), configMap.defaultMode),
          ...validateItems(configMap.items, path.child('configMap', 'items')),
        ]),
    ...(hostPath === undefined ? [] : validateHostPath(hostPath.path, path.child('hostPath'))),
    ...(emptyDir?.sizeLimit === undefined
      ? []
      : checkSize(path.child('emptyDir', 'sizeLimit'), emptyDir.sizeLimit)),
    ...(nfs === undefined
      ? []
      : [
          ...checkPresent(path.child('nfs', 'server'), nfs.server),
          ...checkPresent(path.child('nfs', 'path'), nfs.path),
        ]),
    ...(source.persistentVolumeClaim === undefined
      ? []
      : checkPresent(
          path.child('persistentVolumeClaim', 'claimName'),
          source.persistentVolumeClaim.claimName,
        )),
    ...validateDownwardFiles(downwardAPI?.items, path.child('downwardAPI', 'items')),
    ...validateProjections(projected?.sources ?? [], path.child('projected', 'sources')),
  ];
}

function checkSize(path: FieldPath, size: string | number): FieldError[] {
  const quantity = tryParseQuantity(size);
  return quantity === undefined || quantity.nano < 0n
    ? [fieldForbidden(path, 'SizeLimit field must be a valid resource quantity')]
    : [];
}

function validateHostPath(hostPath: string, path: FieldPath): FieldError[] {
  const missing = checkPresent(path.child('path'), hostPath);
  return missing.length > 0 ? missing : checkNoBacksteps(path.child('path'), hostPath);
}

export function checkNoBacksteps(path: FieldPath, text: string): FieldError[] {
  return text.split('/').includes('..') ? [fieldInvalid(path, text, "must not contain '..'")] : [];
}

/** A path below a volume's root. */
export function checkLocalPath(path: FieldPath, text: string): FieldError[] {
  return [
    ...(text.startsWith('/') ? [fieldInvalid(path, text, 'must be a relative path')] : []),
    ...checkNoBacksteps(path, text),
  ];
}

function checkMode(path: FieldPath, mode: number | undefined): FieldError[] {
  return mode === undefined || (mode >= 0 && mode <= 0o777)
    ? []
    : [fieldInvalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

function validateItems(items: readonly KeyToPath[] | undefined, path: FieldPath): FieldError[] {
  return (items ?? []).flatMap(({ key, path: target, mode }, position) => {
    const at = path.index(position);
    return [
      ...checkPresent(at.child('key'), key),
      ...checkTarget(at.child('path'), target),
      ...checkMode(at.child('mode'), mode),
    ];
  });
}

function checkTarget(path: FieldPath, target: string): FieldError[] {
  return isUnset(target) ? [fieldRequired(path)] : checkLocalPath(path, target);
}

const downwardFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

function validateDownwardFiles(
  files: readonly DownwardAPIVolumeFile[] | undefined,
  path: FieldPath,
): FieldError[] {
  return (files ?? []).flatMap((file, position) => {
    const at = path.index(position);
    const { fieldRef, resourceFieldRef } = file;
    return [
      ...checkTarget(at.child('path'), file.path),
      ...checkMode(at.child('mode'), file.mode),
      ...(fieldRef === undefined
        ? []
        : validateFieldRef(fieldRef, at.child('fieldRef'), downwardFields)),
      ...(fieldRef === undefined && resourceFieldRef === undefined
        ? [fieldRequired(at, 'one of fieldRef and resourceFieldRef is required')]
        : []),
      ...(fieldRef !== undefined && resourceFieldRef !== undefined
        ? [
            fieldInvalid(
              at,
              'resource',
              'fieldRef and resourceFieldRef can not be specified simultaneously',
            ),
          ]
        : []),
    ];
  });
}

function validateProjections(sources: readonly VolumeProjection[], path: FieldPath): FieldError[] {
  return sources.flatMap((source, position) => {
    const at = path.index(position);
    const { secret, configMap, serviceAccountToken: token, downwardAPI } = source;
    const others = Object.keys(source).slice(1);
    return [
      ...others.map((field) =>
        fieldForbidden(at.child(field), 'may not specify more than 1 volume type per source'),
      ),
      ...(secret === undefined ? [] : checkPresent(at.child('secret', 'name'), secret.name)),
      ...validateItems(secret?.items, at.child('secret', 'items')),
      ...(configMap === undefined
        ? []
        : checkPresent(at.child('configMap', 'name'), configMap.name)),
      ...validateItems(configMap?.items, at.child('configMap', 'items')),
      ...validateDownwardFiles(downwardAPI?.items, at.child('downwardAPI', 'items')),
      ...(token === undefined ? [] : validateToken(token, at.child('serviceAccountToken'))),
    ];
  });
}

const shortestTokenSeconds = 600;

function validateToken(token: ServiceAccountTokenProjection, path: FieldPath): FieldError[] {
  const { expirationSeconds: seconds } = token;
  const lifetime = path.child('expirationSeconds');
  return [
    ...(seconds !== undefined && seconds < shortestTokenSeconds
      ? [fieldInvalid(lifetime, seconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...(seconds !== undefined && seconds > 2 ** 32
      ? [fieldInvalid(lifetime, seconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...checkNotNegative(lifetime, seconds),
    ...checkTarget(path.child('path'), token.path),
  ];
}
