import { checkNotNegative, checkOptionalEnum } from '../checks.ts';
import { ageColumn, column, formatLabels, nameColumn } from '../columns.ts';
import { fieldInvalid, fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, StringMap } from '../meta.ts';
import { compileMapSelector } from '../selector.ts';
import { validateLabels } from '../validate-selector.ts';
import { withSpec } from '../with-spec.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import type { PodTemplateSpec } from './pod-spec.ts';
import { templateContainers, templateImages } from './pod-template.ts';
import { validatePodTemplate } from './validate-pod-spec.ts';

export interface ReplicationControllerSpec {
  replicas?: number;
  minReadySeconds?: number;
  selector?: StringMap;
  template?: PodTemplateSpec;
}

/** The forerunner of ReplicaSet. */
export interface ReplicationController extends KubeObject {
  spec: ReplicationControllerSpec;
  status?: {
    replicas: number;
    fullyLabeledReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    observedGeneration?: number;
    conditions?: Condition[];
  };
}

const number = { type: 'integer' } as const;
const wide = { wide: true } as const;

export const replicationControllerKind: KindDefinition<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  schema: 'io.k8s.api.core.v1.ReplicationController',
  namespaced: true,
  hasStatus: true,
  hasGeneration: true,
  scale: {
    replicas: ({ spec }) => spec.replicas ?? 1,
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => compileMapSelector(spec.selector).toText(),
    set: ({ spec }, replicas) => {
      spec.replicas = replicas;
    },
  },
  columns: [
    nameColumn,
    column('Desired', 'Pods wanted.', ({ spec }) => spec.replicas ?? 0, number),
    column('Current', 'Pods that exist.', ({ status }) => status?.replicas ?? 0, number),
    column('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0, number),
    ageColumn,
    column(
      'Containers',
      'The names in the template.',
      ({ spec }) => templateContainers(spec.template),
      wide,
    ),
    column(
      'Images',
      'The images in the template.',
      ({ spec }) => templateImages(spec.template),
      wide,
    ),
    column('Selector', 'Which pods belong to it.', ({ spec }) => formatLabels(spec.selector), wide),
  ],
  fields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  defaults: withSpec(defaultController),
  prepareCreate: (controller) => {
    controller.status = { replicas: 0 };
  },
  validate: ({ spec }, path) => validateSpec(spec, path.child('spec')),
  warnings: () => [
    'no ReplicationController controller is running yet: it is stored and starts no pods; use a Deployment',
  ],
};

/** Without labels or selector of its own, the template's hold. */
function defaultController({ metadata, spec }: ReplicationController): void {
  spec.replicas ??= 1;
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
  if (spec.template?.spec !== undefined) defaultPodSpec(spec.template.spec);
}

function validateSpec(spec: ReplicationControllerSpec, path: FieldPath): FieldError[] {
  const template = path.child('template');
  const isEmpty = Object.keys(spec.selector ?? {}).length === 0;
  return [
    ...checkNotNegative(path.child('minReadySeconds'), spec.minReadySeconds),
    ...(isEmpty ? [fieldRequired(path.child('selector'))] : []),
    ...validateLabels(spec.selector, path.child('selector')),
    ...checkNotNegative(path.child('replicas'), spec.replicas),
    ...(isEmpty ? [] : mismatchErrors(spec, template)),
    ...(spec.template === undefined
      ? [fieldRequired(template)]
      : validatePodTemplate(spec.template, template)),
    ...checkOptionalEnum(
      template.child('spec', 'restartPolicy'),
      spec.template?.spec?.restartPolicy,
      ['Always'],
    ),
  ];
}

function mismatchErrors(
  { selector, template }: ReplicationControllerSpec,
  path: FieldPath,
): FieldError[] {
  const labels = template?.metadata?.labels;
  if (template === undefined || compileMapSelector(selector).matches(labels)) return [];
  return [
    fieldInvalid(
      path.child('metadata', 'labels'),
      labels ?? null,
      '`selector` does not match template `labels`',
    ),
  ];
}
