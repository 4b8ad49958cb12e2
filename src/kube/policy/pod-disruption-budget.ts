import { checkAmount } from '../amounts.ts';
import { checkOptionalEnum } from '../checks.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import type { IntOrString } from '../int-or-string.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, LabelSelector } from '../meta.ts';
import { validateLabelSelector } from '../validate-selector.ts';
import { withSpec } from '../with-spec.ts';

/** `policy/v1 PodDisruptionBudget`. */
export interface PodDisruptionBudget extends KubeObject {
  spec: {
    minAvailable?: IntOrString;
    maxUnavailable?: IntOrString;
    selector?: LabelSelector;
    unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
  };
  status?: {
    observedGeneration?: number;
    disruptedPods?: Record<string, string>;
    disruptionsAllowed: number;
    currentHealthy: number;
    desiredHealthy: number;
    expectedPods: number;
    conditions?: Condition[];
  };
}

/** `policy/v1 Eviction`: the body of the eviction subresource of a pod. */
export interface Eviction extends KubeObject {
  deleteOptions?: {
    gracePeriodSeconds?: number;
    propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
    preconditions?: { uid?: string; resourceVersion?: string };
    dryRun?: string[];
  };
}

function validateSpec(spec: PodDisruptionBudget['spec'], path: FieldPath): FieldError[] {
  const { minAvailable, maxUnavailable } = spec;
  const message = 'minAvailable and maxUnavailable cannot be both set';
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [fieldInvalid(path, spec, message)]
      : []),
    ...checkAmount(path.child('minAvailable'), minAvailable, { whole: true }),
    ...checkAmount(path.child('maxUnavailable'), maxUnavailable, { whole: true }),
    ...validateLabelSelector(spec.selector, path.child('selector')),
    ...checkOptionalEnum(
      path.child('unhealthyPodEvictionPolicy'),
      spec.unhealthyPodEvictionPolicy,
      ['AlwaysAllow', 'IfHealthyBudget'],
    ),
  ];
}

export const podDisruptionBudgetKind: KindDefinition<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Min Available', 'Pods that must stay.', ({ spec }) =>
      String(spec.minAvailable ?? 'N/A'),
    ),
    column('Max Unavailable', 'Pods that may miss.', ({ spec }) =>
      String(spec.maxUnavailable ?? 'N/A'),
    ),
    column(
      'Allowed Disruptions',
      'Pods that may be evicted now.',
      ({ status }) => status?.disruptionsAllowed ?? 0,
      { type: 'integer' },
    ),
    ageColumn,
  ],
  defaults: withSpec(),
  prepareCreate: (budget) => {
    budget.status = {
      disruptionsAllowed: 0,
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
    };
  },
  validate: ({ spec }, path) => validateSpec(spec ?? {}, path.child('spec')),
  warnings: () => [
    'no disruption controller is running yet: the PodDisruptionBudget is stored and holds back no eviction',
  ],
};
