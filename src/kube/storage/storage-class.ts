import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkOptionalEnum, checkPresent, isSameJson } from '../checks.ts';
import { fieldForbidden, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject, StringMap } from '../meta.ts';

/** `storage.k8s.io/v1 StorageClass`. */
export interface StorageClass extends KubeObject {
  provisioner: string;
  parameters?: StringMap;
  reclaimPolicy?: 'Delete' | 'Retain';
  mountOptions?: string[];
  allowVolumeExpansion?: boolean;
  volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
  allowedTopologies?: unknown[];
}

const defaultAnnotation = 'storageclass.kubernetes.io/is-default-class';

const fixedFields = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const;

function validateChange(next: StorageClass, previous: StorageClass): FieldError[] {
  return fixedFields
    .filter((field) => !isSameJson(next[field], previous[field]))
    .map((field) => fieldForbidden(new FieldPath(field), `updates to ${field} are forbidden.`));
}

export const storageClassKind: KindDefinition<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.StorageClass',
  hasStatus: false,
  hasGeneration: false,
  columns: [
    {
      ...nameColumn,
      cell: ({ metadata }) =>
        metadata.annotations?.[defaultAnnotation] === 'true'
          ? `${metadata.name} (default)`
          : metadata.name,
    },
    column('Provisioner', 'Who makes the volumes.', ({ provisioner }) => provisioner),
    column(
      'ReclaimPolicy',
      'What becomes of a released volume.',
      ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
    ),
    column(
      'VolumeBindingMode',
      'When a volume is bound.',
      ({ volumeBindingMode }) => volumeBindingMode ?? '<unset>',
    ),
    column('AllowVolumeExpansion', 'Whether volumes may grow.', ({ allowVolumeExpansion }) =>
      String(allowVolumeExpansion ?? false),
    ),
    ageColumn,
  ],
  defaults: (object) => {
    object.reclaimPolicy ??= 'Delete';
    object.volumeBindingMode ??= 'Immediate';
  },
  validate: ({ provisioner, reclaimPolicy, volumeBindingMode }, path) => [
    ...checkPresent(path.child('provisioner'), provisioner),
    ...checkOptionalEnum(path.child('reclaimPolicy'), reclaimPolicy, ['Delete', 'Retain']),
    ...checkOptionalEnum(path.child('volumeBindingMode'), volumeBindingMode, [
      'Immediate',
      'WaitForFirstConsumer',
    ]),
  ],
  validateUpdate: validateChange,
  warnings: () => ['no volumes are provisioned yet: the StorageClass is stored and has no effect'],
};
