import { checkAmount, isNone } from '../amounts.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkImmutable, checkNotNegative } from '../checks.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  FieldPath,
  type FieldError,
} from '../field-error.ts';
import type { IntOrString } from '../int-or-string.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, LabelSelector } from '../meta.ts';
import { validateWorkload, wideColumns, workloadScale } from './workload.ts';
import { withSpec } from '../with-spec.ts';

export interface RollingUpdateDeployment {
  maxUnavailable?: IntOrString;
  maxSurge?: IntOrString;
}

export interface DeploymentStrategy {
  type?: 'Recreate' | 'RollingUpdate';
  rollingUpdate?: RollingUpdateDeployment;
}

export interface DeploymentSpec {
  replicas?: number;
  selector: LabelSelector;
  template: PodTemplateSpec;
  strategy?: DeploymentStrategy;
  minReadySeconds?: number;
  revisionHistoryLimit?: number;
  paused?: boolean;
  progressDeadlineSeconds?: number;
}

export interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  terminatingReplicas?: number;
  conditions?: Condition[];
  collisionCount?: number;
}

/** `apps/v1 Deployment`. */
export interface Deployment extends KubeObject {
  spec: DeploymentSpec;
  status?: DeploymentStatus;
}

function setDefaults({ spec }: Deployment): void {
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ??= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  if (spec.template?.spec !== undefined) defaultPodSpec(spec.template.spec);
}

function rollingErrors(
  { maxUnavailable, maxSurge }: RollingUpdateDeployment,
  path: FieldPath,
): FieldError[] {
  const unavailable = path.child('maxUnavailable');
  return [
    ...checkAmount(unavailable, maxUnavailable, { whole: true }),
    ...checkAmount(path.child('maxSurge'), maxSurge, { whole: false }),
    ...(isNone(maxUnavailable) && isNone(maxSurge)
      ? [fieldInvalid(unavailable, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
  ];
}

function strategyErrors(
  { type, rollingUpdate }: DeploymentStrategy,
  path: FieldPath,
): FieldError[] {
  const rolling = path.child('rollingUpdate');
  switch (type) {
    case 'Recreate':
      return rollingUpdate === undefined
        ? []
        : [fieldForbidden(rolling, "may not be specified when strategy `type` is 'Recreate'")];
    case 'RollingUpdate':
      return rollingUpdate === undefined
        ? [fieldRequired(rolling, 'this should be defaulted and never be nil')]
        : rollingErrors(rollingUpdate, rolling);
    default:
      return [fieldNotSupported(path.child('type'), type, ['Recreate', 'RollingUpdate'])];
  }
}

function deadlineErrors(spec: DeploymentSpec, path: FieldPath): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline === undefined) return [];
  const negative = checkNotNegative(path, deadline);
  return deadline > minReadySeconds
    ? negative
    : [...negative, fieldInvalid(path, deadline, 'must be greater than minReadySeconds')];
}

function validateDeployment({ spec }: Deployment, root: FieldPath): FieldError[] {
  const path = root.child('spec');
  return [
    ...validateWorkload(spec, path, { selectorName: 'deployment', podOwner: 'ReplicaSet' }),
    ...strategyErrors(spec.strategy ?? {}, path.child('strategy')),
    ...deadlineErrors(spec, path.child('progressDeadlineSeconds')),
  ];
}

export const deploymentKind: KindDefinition<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.Deployment',
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
    column('Up-to-date', 'Pods of the current template.', ({ status }) =>
      String(status?.updatedReplicas ?? 0),
    ),
    column('Available', 'Pods ready for at least minReadySeconds.', ({ status }) =>
      String(status?.availableReplicas ?? 0),
    ),
    ageColumn,
    ...wideColumns,
  ],
  defaults: withSpec(setDefaults),
  prepareCreate: (deployment) => {
    deployment.status = {};
  },
  validate: validateDeployment,
  validateUpdate: (next, previous) =>
    checkImmutable(new FieldPath('spec.selector'), next.spec.selector, previous.spec.selector),
};
