import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkNotNegative, checkOptionalEnum, isSameJson } from '../checks.ts';
import type { PersistentVolumeClaimSpec } from '../core/persistent-volume-claim.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { fieldForbidden, FieldPath, type FieldError } from '../field-error.ts';
import type { IntOrString } from '../int-or-string.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, LabelSelector, ObjectMeta } from '../meta.ts';
import { templateColumns, validateWorkload, workloadScale } from './workload.ts';
import { withSpec } from '../with-spec.ts';

export interface VolumeClaimTemplate {
  apiVersion?: string;
  kind?: string;
  metadata: Partial<ObjectMeta>;
  spec: PersistentVolumeClaimSpec;
  status?: Record<string, unknown>;
}

type Retention = 'Retain' | 'Delete';

export interface StatefulSetSpec {
  replicas?: number;
  selector: LabelSelector;
  template: PodTemplateSpec;
  volumeClaimTemplates?: VolumeClaimTemplate[];
  serviceName?: string;
  podManagementPolicy?: 'OrderedReady' | 'Parallel';
  updateStrategy?: {
    type?: 'RollingUpdate' | 'OnDelete';
    rollingUpdate?: { partition?: number; maxUnavailable?: IntOrString };
  };
  revisionHistoryLimit?: number;
  minReadySeconds?: number;
  persistentVolumeClaimRetentionPolicy?: { whenDeleted?: Retention; whenScaled?: Retention };
  ordinals?: { start?: number };
}

export interface StatefulSetStatus {
  observedGeneration?: number;
  replicas: number;
  readyReplicas?: number;
  currentReplicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  collisionCount?: number;
  conditions?: Condition[];
}

/** `apps/v1 StatefulSet`. */
export interface StatefulSet extends KubeObject {
  spec: StatefulSetSpec;
  status?: StatefulSetStatus;
}

function setDefaults({ spec }: StatefulSet): void {
  spec.replicas ??= 1;
  spec.podManagementPolicy ??= 'OrderedReady';
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain';
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) defaultClaim(claim);
  if (spec.template?.spec !== undefined) defaultPodSpec(spec.template.spec);
}

function defaultClaim(claim: VolumeClaimTemplate): void {
  claim.apiVersion ??= 'v1';
  claim.kind ??= 'PersistentVolumeClaim';
  if (claim.spec !== undefined) claim.spec.volumeMode ??= 'Filesystem';
  claim.status ??= { phase: 'Pending' };
}

function validateSpec(spec: StatefulSetSpec, path: FieldPath): FieldError[] {
  const update = path.child('updateStrategy');
  return [
    ...validateWorkload(spec, path, { selectorName: 'statefulset', podOwner: 'StatefulSet' }),
    ...checkOptionalEnum(path.child('podManagementPolicy'), spec.podManagementPolicy, [
      'OrderedReady',
      'Parallel',
    ]),
    ...checkOptionalEnum(update.child('type'), spec.updateStrategy?.type, [
      'OnDelete',
      'RollingUpdate',
    ]),
    ...checkNotNegative(
      update.child('rollingUpdate', 'partition'),
      spec.updateStrategy?.rollingUpdate?.partition,
    ),
    ...checkNotNegative(path.child('ordinals', 'start'), spec.ordinals?.start),
  ];
}

const mutableFields = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

const forbiddenChange =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function fixedPart(spec: StatefulSetSpec): Partial<StatefulSetSpec> {
  const rest: Partial<StatefulSetSpec> = { ...spec };
  for (const field of mutableFields) delete rest[field];
  return rest;
}

function validateChange(next: StatefulSet, previous: StatefulSet): FieldError[] {
  const isSame = isSameJson(fixedPart(next.spec), fixedPart(previous.spec));
  return isSame ? [] : [fieldForbidden(new FieldPath('spec'), forbiddenChange)];
}

export const statefulSetKind: KindDefinition<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.StatefulSet',
  hasStatus: true,
  hasGeneration: true,
  scale: workloadScale,
  columns: [
    nameColumn,
    column(
      'Ready',
      'Pods that are ready, of those wanted.',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ),
    ageColumn,
    ...templateColumns,
  ],
  defaults: withSpec(setDefaults),
  prepareCreate: (set) => {
    set.status = { replicas: 0 };
  },
  validate: ({ spec }, path) => validateSpec(spec, path.child('spec')),
  validateUpdate: validateChange,
  warnings: ({ spec }) =>
    (spec.volumeClaimTemplates ?? []).length === 0
      ? []
      : ['no storage is provisioned here: volumeClaimTemplates give each pod an emptyDir instead'],
};
