import { checkText } from '../checks.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { fieldInvalid, fieldTooLong, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject, StringMap } from '../meta.ts';
import { configMapKey } from '../names.ts';
import { checkDataUpdate } from './immutable-data.ts';

export interface ConfigMap extends KubeObject {
  data?: StringMap;
  /** Base64. */
  binaryData?: StringMap;
  immutable?: boolean;
}

/** Keys and values together, in bytes; the same for Secrets. */
const sizeLimit = 1024 * 1024;

export const configMapKind: KindDefinition<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  schema: 'io.k8s.api.core.v1.ConfigMap',
  namespaced: true,
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Data', 'How many keys it holds.', entryCount, { type: 'integer' }),
    ageColumn,
  ],
  validate,
  validateUpdate: (next, previous) =>
    checkDataUpdate({ next, previous, fields: ['data', 'binaryData'], root: new FieldPath() }),
};

function entryCount({ data, binaryData }: ConfigMap): number {
  return Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length;
}

function validate({ data = {}, binaryData = {} }: ConfigMap, path: FieldPath): FieldError[] {
  const twice = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  const size =
    sum(Object.values(data).map((value) => Buffer.byteLength(value))) +
    sum(Object.values(binaryData).map((value) => Buffer.byteLength(value, 'base64')));
  return [
    ...keyErrors(data, path.child('data')),
    ...keyErrors(binaryData, path.child('binaryData')),
    ...twice.map((key) =>
      fieldInvalid(path.child('data').key(key), key, 'duplicate of key present in binaryData'),
    ),
    ...(size > sizeLimit ? [fieldTooLong(path, sizeLimit)] : []),
  ];
}

function keyErrors(data: StringMap, path: FieldPath): FieldError[] {
  return Object.keys(data).flatMap((key) => checkText(path.key(key), key, configMapKey));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
