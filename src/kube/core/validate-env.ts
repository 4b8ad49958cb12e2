import { checkPresent, checkRequiredText, checkText, isUnset } from '../checks.ts';
import {
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import { configMapKey, envVarName, qualifiedName } from '../names.ts';
import type { EnvFromSource, EnvVar, EnvVarSource } from './container.ts';
import type { KeySelector, ObjectFieldSelector } from './object-references.ts';

const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

const oneOnly = 'may not have more than one field specified at a time';

export function validateEnv(env: readonly EnvVar[], path: FieldPath): FieldError[] {
  return env.flatMap((variable, position) => {
    const at = path.index(position);
    return [
      ...checkRequiredText(at.child('name'), variable.name, envVarName),
      ...(variable.valueFrom === undefined
        ? []
        : validateValueFrom(variable.valueFrom, variable.value ?? '', at.child('valueFrom'))),
    ];
  });
}

function validateValueFrom(source: EnvVarSource, value: string, path: FieldPath): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  const count = Object.values(source).filter((one) => one !== undefined).length;
  return [
    ...(fieldRef === undefined
      ? []
      : validateFieldRef(fieldRef, path.child('fieldRef'), envFields)),
    ...(resourceFieldRef === undefined
      ? []
      : checkPresent(path.child('resourceFieldRef', 'resource'), resourceFieldRef.resource)),
    ...(configMapKeyRef === undefined
      ? []
      : validateKeyRef(configMapKeyRef, path.child('configMapKeyRef'))),
    ...(secretKeyRef === undefined ? [] : validateKeyRef(secretKeyRef, path.child('secretKeyRef'))),
    ...countErrors(count, value, path),
  ];
}

function countErrors(count: number, value: string, path: FieldPath): FieldError[] {
  if (count === 0) {
    return [
      fieldInvalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    ];
  }
  if (value !== '')
    return [fieldInvalid(path, '', 'may not be specified when `value` is not empty')];
  return count > 1 ? [fieldInvalid(path, '', oneOnly)] : [];
}

/** `metadata.labels['KEY']` or `metadata.annotations['KEY']`. */
const subscript = /^(?<field>metadata\.(?:labels|annotations))\['(?<key>.*)'\]$/;

/** Checks a reference to a field of the pod; `supported` are the fields without subscript. */
export function validateFieldRef(
  { fieldPath }: ObjectFieldSelector,
  path: FieldPath,
  supported: readonly string[],
): FieldError[] {
  if (isUnset(fieldPath)) return [fieldRequired(path.child('fieldPath'))];
  const key = subscript.exec(fieldPath)?.groups?.['key'];
  if (key !== undefined) return checkText(path, key, qualifiedName);
  return supported.includes(fieldPath)
    ? []
    : [fieldNotSupported(path.child('fieldPath'), fieldPath, supported)];
}

function validateKeyRef({ name, key }: KeySelector, path: FieldPath): FieldError[] {
  return [
    ...checkPresent(path.child('name'), name),
    ...checkRequiredText(path.child('key'), key, configMapKey),
  ];
}

export function validateEnvFrom(sources: readonly EnvFromSource[], path: FieldPath): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, position) => {
    const at = path.index(position);
    const count = [configMapRef, secretRef].filter((one) => one !== undefined).length;
    return [
      ...(isUnset(prefix) ? [] : checkText(at.child('prefix'), prefix, envVarName)),
      ...(configMapRef === undefined
        ? []
        : checkPresent(at.child('configMapRef', 'name'), configMapRef.name)),
      ...(secretRef === undefined
        ? []
        : checkPresent(at.child('secretRef', 'name'), secretRef.name)),
      ...(count === 0
        ? [fieldInvalid(at, '', 'must specify one of: `configMapRef` or `secretRef`')]
        : []),
      ...(count > 1 ? [fieldInvalid(at, '', oneOnly)] : []),
    ];
  });
}
