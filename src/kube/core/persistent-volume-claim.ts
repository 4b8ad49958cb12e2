import { checkImmutable, checkOptionalEnum, checkPresent } from '../checks.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { FieldPath, fieldInvalid, fieldRequired, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, LabelSelector } from '../meta.ts';
import { tryParseQuantity } from '../quantity.ts';
import { validateLabelSelector } from '../validate-selector.ts';
import { withSpec } from '../with-spec.ts';
import { canonicalResources } from './container-defaults.ts';
import type { ResourceList } from './container.ts';
import type { TypedLocalObjectReference } from './object-references.ts';
import { accessModes, accessModesText, storageText } from './storage-columns.ts';

export interface PersistentVolumeClaimSpec {
  accessModes?: string[];
  selector?: LabelSelector;
  resources?: { limits?: ResourceList; requests?: ResourceList };
  volumeName?: string;
  storageClassName?: string;
  volumeMode?: 'Filesystem' | 'Block';
  dataSource?: TypedLocalObjectReference;
  dataSourceRef?: TypedLocalObjectReference & { namespace?: string };
  volumeAttributesClassName?: string;
}

export interface PersistentVolumeClaim extends KubeObject {
  spec: PersistentVolumeClaimSpec;
  status?: {
    phase?: 'Pending' | 'Bound' | 'Lost';
    accessModes?: string[];
    capacity?: ResourceList;
    conditions?: Condition[];
  };
}

function phaseText({ metadata, status }: PersistentVolumeClaim): string {
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating';
}

export const persistentVolumeClaimKind: KindDefinition<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  schema: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  namespaced: true,
  hasStatus: true,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Status', 'Whether a volume is bound to it.', phaseText),
    column('Volume', 'The volume.', ({ spec }) => spec.volumeName ?? ''),
    column('Capacity', 'The size of the volume.', ({ spec, status }) =>
      spec.volumeName === undefined ? '' : storageText(status?.capacity),
    ),
    column('Access Modes', 'How it may be mounted.', ({ spec, status }) =>
      spec.volumeName === undefined ? '' : accessModesText(status?.accessModes),
    ),
    column('StorageClass', 'The class it asks for.', ({ spec }) => spec.storageClassName ?? ''),
    column(
      'VolumeAttributesClass',
      'The attributes it asks for.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    ageColumn,
    column(
      'VolumeMode',
      'File system or block device.',
      ({ spec }) => spec.volumeMode ?? '<unset>',
      {
        wide: true,
      },
    ),
  ],
  defaults: withSpec(defaultClaim),
  prepareCreate: (claim) => {
    claim.status = { phase: 'Pending' };
  },
  validate: ({ spec }, path) => validateClaimSpec(spec, path.child('spec')),
  warnings: () => ['no volumes are bound yet: the PersistentVolumeClaim stays pending'],
  validateUpdate: (next, previous) => {
    const bare = ({ spec }: PersistentVolumeClaim): PersistentVolumeClaimSpec => ({
      ...spec,
      resources: undefined,
      volumeAttributesClassName: undefined,
      volumeName: previous.spec.volumeName === undefined ? undefined : spec.volumeName,
      storageClassName:
        previous.spec.storageClassName === undefined ? undefined : spec.storageClassName,
    });
    return checkImmutable(new FieldPath('spec'), bare(next), bare(previous));
  },
};

function defaultClaim({ spec }: PersistentVolumeClaim): void {
  spec.volumeMode ??= 'Filesystem';
  for (const list of [spec.resources?.requests, spec.resources?.limits]) {
    if (list !== undefined) canonicalResources(list);
  }
}

/** Checks a claim, or the template of one. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: FieldPath): FieldError[] {
  const modes = spec.accessModes ?? [];
  return [
    ...(modes.length === 0
      ? [fieldRequired(path.child('accessModes'), 'at least 1 access mode is required')]
      : []),
    ...modes.flatMap((mode) => checkOptionalEnum(path.child('accessModes'), mode, accessModes)),
    ...validateLabelSelector(spec.selector, path.child('selector')),
    ...storageErrors(spec, path.child('resources')),
    ...checkOptionalEnum(path.child('volumeMode'), spec.volumeMode, ['Block', 'Filesystem']),
  ];
}

function storageErrors({ resources }: PersistentVolumeClaimSpec, path: FieldPath): FieldError[] {
  const storage = resources?.requests?.['storage'];
  const at = path.key('storage');
  if (storage === undefined) return checkPresent(at, undefined);
  const quantity = tryParseQuantity(storage);
  return quantity !== undefined && quantity.nano > 0n
    ? []
    : [fieldInvalid(at, storage, 'must be greater than zero')];
}
