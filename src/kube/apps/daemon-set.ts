import { checkAmount, isNone } from '../amounts.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkImmutable } from '../checks.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { fieldInvalid, fieldNotSupported, FieldPath, type FieldError } from '../field-error.ts';
import type { IntOrString } from '../int-or-string.ts';
import type { Column, KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, LabelSelector } from '../meta.ts';
import { nodeSelectorText, validateWorkload, wideColumns } from './workload.ts';
import { withSpec } from '../with-spec.ts';

export interface DaemonSetUpdateStrategy {
  type?: 'RollingUpdate' | 'OnDelete';
  rollingUpdate?: { maxUnavailable?: IntOrString; maxSurge?: IntOrString };
}

export interface DaemonSetStatus {
  currentNumberScheduled: number;
  numberMisscheduled: number;
  desiredNumberScheduled: number;
  numberReady: number;
  observedGeneration?: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  numberUnavailable?: number;
  collisionCount?: number;
  conditions?: Condition[];
}

/** `apps/v1 DaemonSet`. */
export interface DaemonSet extends KubeObject {
  spec: {
    selector: LabelSelector;
    template: PodTemplateSpec;
    updateStrategy?: DaemonSetUpdateStrategy;
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
  };
  status?: DaemonSetStatus;
}

function setDefaults({ spec }: DaemonSet): void {
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  if (spec.template?.spec !== undefined) defaultPodSpec(spec.template.spec);
}

function strategyErrors(strategy: DaemonSetUpdateStrategy, path: FieldPath): FieldError[] {
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate') {
    return [fieldNotSupported(path.child('type'), strategy.type, ['OnDelete', 'RollingUpdate'])];
  }
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate ?? {};
  const rolling = path.child('rollingUpdate');
  const unavailable = rolling.child('maxUnavailable');
  const message = 'cannot be 0 when maxSurge is 0';
  return [
    ...checkAmount(unavailable, maxUnavailable, { whole: true }),
    ...checkAmount(rolling.child('maxSurge'), maxSurge, { whole: true }),
    ...(isNone(maxUnavailable) && isNone(maxSurge)
      ? [fieldInvalid(unavailable, maxUnavailable, message)]
      : []),
  ];
}

function count(
  name: string,
  description: string,
  field: (status: DaemonSetStatus) => number | undefined,
): Column<DaemonSet> {
  const cell = ({ status }: DaemonSet): number =>
    (status === undefined ? undefined : field(status)) ?? 0;
  return column(name, description, cell, { type: 'integer' });
}

export const daemonSetKind: KindDefinition<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    count('Desired', 'Nodes that should run it.', (status) => status.desiredNumberScheduled),
    count('Current', 'Nodes that run it and should.', (status) => status.currentNumberScheduled),
    count('Ready', 'Nodes whose pod is ready.', (status) => status.numberReady),
    count('Up-to-date', 'Nodes with the current pod.', (status) => status.updatedNumberScheduled),
    count('Available', 'Nodes whose pod is available.', (status) => status.numberAvailable),
    column('Node Selector', 'Which nodes run it.', nodeSelectorText),
    ageColumn,
    ...wideColumns,
  ],
  defaults: withSpec(setDefaults),
  prepareCreate: (set) => {
    set.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
  },
  validate: ({ spec }, path) => [
    ...validateWorkload(spec, path.child('spec'), {
      selectorName: 'daemonset',
      podOwner: 'DaemonSet',
    }),
    ...strategyErrors(spec.updateStrategy ?? {}, path.child('spec', 'updateStrategy')),
  ],
  validateUpdate: (next, previous) =>
    checkImmutable(new FieldPath('spec.selector'), next.spec.selector, previous.spec.selector),
};
