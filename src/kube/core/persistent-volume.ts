import { checkOptionalEnum } from '../checks.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject, ObjectReference } from '../meta.ts';
import { withSpec } from '../with-spec.ts';
import type { NodeSelector } from './affinity.ts';
import { canonicalResources } from './container-defaults.ts';
import type { ResourceList } from './container.ts';
import { accessModes, accessModesText, storageText } from './storage-columns.ts';
import type { CSIVolumeSource, HostPathVolumeSource, NFSVolumeSource } from './volume.ts';

/** The sources of single vendors are kept as they come. */
export interface PersistentVolumeSpec {
  capacity?: ResourceList;
  accessModes?: string[];
  claimRef?: ObjectReference;
  persistentVolumeReclaimPolicy?: 'Retain' | 'Recycle' | 'Delete';
  storageClassName?: string;
  mountOptions?: string[];
  volumeMode?: 'Filesystem' | 'Block';
  nodeAffinity?: { required?: NodeSelector };
  volumeAttributesClassName?: string;
  hostPath?: HostPathVolumeSource;
  local?: { path: string; fsType?: string };
  nfs?: NFSVolumeSource;
  csi?: CSIVolumeSource & { volumeHandle: string };
}

export interface PersistentVolume extends KubeObject {
  spec: PersistentVolumeSpec;
  status?: {
    phase?: 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed';
    message?: string;
    reason?: string;
    lastPhaseTransitionTime?: string;
  };
}

function phaseText({ metadata, status }: PersistentVolume): string {
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating';
}

function claimText({ spec: { claimRef } }: PersistentVolume): string {
  return claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`;
}

export const persistentVolumeKind: KindDefinition<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  schema: 'io.k8s.api.core.v1.PersistentVolume',
  namespaced: false,
  hasStatus: true,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Capacity', 'Its size.', ({ spec }) => storageText(spec.capacity)),
    column('Access Modes', 'How it may be mounted.', ({ spec }) =>
      accessModesText(spec.accessModes),
    ),
    column(
      'Reclaim Policy',
      'What becomes of it when its claim is gone.',
      ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
    ),
    column('Status', 'Whether it is free.', phaseText),
    column('Claim', 'The claim that has it.', claimText),
    column('StorageClass', 'Its class.', ({ spec }) => spec.storageClassName ?? ''),
    column(
      'VolumeAttributesClass',
      'Its attributes.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    column('Reason', 'Why it is in its state.', ({ status }) => status?.reason ?? ''),
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
  defaults: withSpec(({ spec }) => {
    spec.persistentVolumeReclaimPolicy ??= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    if (spec.hostPath !== undefined) spec.hostPath.type ??= '';
    if (spec.capacity !== undefined) canonicalResources(spec.capacity);
  }),
  prepareCreate: (volume) => {
    volume.status = { phase: 'Pending' };
  },
  validate: ({ spec }, path) => validateSpec(spec, path.child('spec')),
  warnings: () => ['no volumes are bound yet: the PersistentVolume is stored and has no effect'],
};

function validateSpec(spec: PersistentVolumeSpec, path: FieldPath): FieldError[] {
  const modes = spec.accessModes ?? [];
  return [
    ...(modes.length === 0 ? [fieldRequired(path.child('accessModes'))] : []),
    ...modes.flatMap((mode) => checkOptionalEnum(path.child('accessModes'), mode, accessModes)),
    ...(spec.capacity?.['storage'] === undefined ? [fieldRequired(path.child('capacity'))] : []),
    ...checkOptionalEnum(
      path.child('persistentVolumeReclaimPolicy'),
      spec.persistentVolumeReclaimPolicy,
      ['Delete', 'Recycle', 'Retain'],
    ),
  ];
}
