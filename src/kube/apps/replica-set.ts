import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkImmutable } from '../checks.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, LabelSelector } from '../meta.ts';
import { validateWorkload, wideColumns, workloadScale } from './workload.ts';
import { withSpec } from '../with-spec.ts';

export interface ReplicaSetSpec {
  replicas?: number;
  minReadySeconds?: number;
  selector: LabelSelector;
  template: PodTemplateSpec;
}

export interface ReplicaSetStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  observedGeneration?: number;
  conditions?: Condition[];
}

/** `apps/v1 ReplicaSet`. */
export interface ReplicaSet extends KubeObject {
  spec: ReplicaSetSpec;
  status?: ReplicaSetStatus;
}

export const replicaSetKind: KindDefinition<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  hasStatus: true,
  hasGeneration: true,
  scale: workloadScale,
  columns: [
    nameColumn,
    column('Desired', 'Pods wanted.', ({ spec }) => spec.replicas ?? 0, { type: 'integer' }),
    column('Current', 'Pods that exist.', ({ status }) => status?.replicas ?? 0, {
      type: 'integer',
    }),
    column('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0, {
      type: 'integer',
    }),
    ageColumn,
    ...wideColumns,
  ],
  fields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  defaults: withSpec(({ spec }) => {
    spec.replicas ??= 1;
    if (spec.template?.spec !== undefined) defaultPodSpec(spec.template.spec);
  }),
  prepareCreate: (set) => {
    set.status = { replicas: 0 };
  },
  validate: ({ spec }, path) =>
    validateWorkload(spec, path.child('spec'), {
      selectorName: 'deployment',
      podOwner: 'ReplicaSet',
    }),
  validateUpdate: (next, previous) =>
    checkImmutable(new FieldPath('spec.selector'), next.spec.selector, previous.spec.selector),
};
