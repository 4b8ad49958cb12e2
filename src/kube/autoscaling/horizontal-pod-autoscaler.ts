import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkPositive, checkPresent } from '../checks.ts';
import { fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject } from '../meta.ts';
import { withSpec } from '../with-spec.ts';

export interface MetricTarget {
  type: 'Utilization' | 'Value' | 'AverageValue';
  value?: string;
  averageValue?: string;
  averageUtilization?: number;
}

/** `autoscaling/v2 MetricSpec`; metrics other than of resources keep their further fields untyped. */
export interface MetricSpec {
  type: 'Resource' | 'ContainerResource' | 'Pods' | 'Object' | 'External';
  resource?: { name: string; target: MetricTarget };
  containerResource?: { name: string; container: string; target: MetricTarget };
  pods?: { target: MetricTarget };
  object?: { target: MetricTarget };
  external?: { target: MetricTarget };
}

/** `autoscaling/v2 HorizontalPodAutoscaler`. */
export interface HorizontalPodAutoscaler extends KubeObject {
  spec: {
    scaleTargetRef: { apiVersion?: string; kind: string; name: string };
    minReplicas?: number;
    maxReplicas: number;
    metrics?: MetricSpec[];
    behavior?: unknown;
  };
  status?: {
    observedGeneration?: number;
    lastScaleTime?: string;
    currentReplicas?: number;
    desiredReplicas: number;
    conditions?: Condition[];
  };
}

const shownMetrics = 2;

function setDefaults({ spec }: HorizontalPodAutoscaler): void {
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) {
    const target: MetricTarget = { type: 'Utilization', averageUtilization: 80 };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
}

function validateSpec(spec: HorizontalPodAutoscaler['spec'], path: FieldPath): FieldError[] {
  const { scaleTargetRef, minReplicas = 1, maxReplicas } = spec;
  const target = path.child('scaleTargetRef');
  const minimum = path.child('minReplicas');
  const maximum = path.child('maxReplicas');
  return [
    ...checkPresent(target.child('kind'), scaleTargetRef?.kind),
    ...checkPresent(target.child('name'), scaleTargetRef?.name),
    ...(minReplicas < 1
      ? [fieldInvalid(minimum, minReplicas, 'must be greater than or equal to 1')]
      : []),
    ...checkPositive(maximum, maxReplicas ?? 0),
    ...((maxReplicas ?? 0) < minReplicas
      ? [fieldInvalid(maximum, maxReplicas ?? 0, 'must be greater than or equal to `minReplicas`')]
      : []),
  ];
}

/** `cpu: <unknown>/80%`: no metric is measured, so the left side is never known. */
function metricText(metric: MetricSpec): string {
  const named = metric.resource ?? metric.containerResource;
  const target = (named ?? metric.pods ?? metric.object ?? metric.external)?.target;
  const wanted =
    target?.averageUtilization === undefined
      ? (target?.averageValue ?? target?.value ?? '<auto>')
      : `${target.averageUtilization}%`;
  const text = `<unknown>/${wanted}`;
  return named === undefined ? text : `${named.name}: ${text}`;
}

function metricsText({ spec }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const shown = metrics.slice(0, shownMetrics).map(metricText).join(', ');
  const more = metrics.length - shownMetrics;
  return more > 0 ? `${shown} + ${more} more...` : shown;
}

export const horizontalPodAutoscalerKind: KindDefinition<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  hasStatus: true,
  hasGeneration: false,
  columns: [
    nameColumn,
    column(
      'Reference',
      'What it scales.',
      ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    ),
    column('Targets', 'What it watches, measured and wanted.', metricsText),
    column('MinPods', 'The least pods.', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
    column('MaxPods', 'The most pods.', ({ spec }) => spec.maxReplicas, { type: 'integer' }),
    column('Replicas', 'Pods now.', ({ status }) => status?.currentReplicas ?? 0, {
      type: 'integer',
    }),
    ageColumn,
  ],
  defaults: withSpec(setDefaults),
  prepareCreate: (autoscaler) => {
    autoscaler.status = { desiredReplicas: 0 };
  },
  validate: ({ spec }, path) => validateSpec(spec, path.child('spec')),
  warnings: () => [
    'no metrics are measured yet: the HorizontalPodAutoscaler is stored and scales nothing',
  ],
};
