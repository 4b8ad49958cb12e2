import { column, formatLabels, orNone } from '../columns.ts';
import { checkNotNegative, checkOptionalEnum } from '../checks.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { validatePodTemplate } from '../core/validate-pod-spec.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import type { Column, ScalePaths } from '../kind.ts';
import type { KubeObject, LabelSelector } from '../meta.ts';
import { compileSelector, formatSelector } from '../selector.ts';
import { validateLabelSelector } from '../validate-selector.ts';

/** What the kinds that keep pods have in common. */
export interface Workload extends KubeObject {
  spec: {
    replicas?: number;
    selector?: LabelSelector;
    template: PodTemplateSpec;
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
  };
  status?: { replicas?: number };
}

/** What the columns of a template read. */
interface Templated extends KubeObject {
  spec: { selector?: LabelSelector; template: PodTemplateSpec };
}

const containersColumn = column(
  'Containers',
  'The names of the containers in the template.',
  ({ spec }: Templated) => spec.template.spec.containers.map(({ name }) => name).join(','),
  { wide: true },
);

const imagesColumn = column(
  'Images',
  'The images in the template.',
  ({ spec }: Templated) => spec.template.spec.containers.map(({ image }) => image ?? '').join(','),
  { wide: true },
);

const selectorColumn = column(
  'Selector',
  'Which pods belong to it.',
  ({ spec }: Templated) => formatSelector(spec.selector),
  { wide: true },
);

/** The columns of `-o wide` that end the rows of everything with a pod template. */
export const templateColumns: readonly Column<Templated>[] = [containersColumn, imagesColumn];
export const wideColumns: readonly Column<Templated>[] = [...templateColumns, selectorColumn];

export const workloadScale: ScalePaths<Workload> = {
  replicas: ({ spec }) => spec.replicas ?? 1,
  statusReplicas: ({ status }) => status?.replicas ?? 0,
  selector: ({ spec }) => compileSelector(spec.selector).toText(),
  set: ({ spec }, replicas) => {
    spec.replicas = replicas;
  },
};

/** A node selector as a column prints it. */
export function nodeSelectorText({ spec }: Workload): string {
  return orNone(formatLabels(spec.template.spec.nodeSelector));
}

function selectorErrors(
  selector: LabelSelector | undefined,
  path: FieldPath,
  kind: string,
): FieldError[] {
  if (selector === undefined) return [fieldRequired(path)];
  const errors = validateLabelSelector(selector, path);
  const isEmpty =
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0;
  if (!isEmpty) return errors;
  return [...errors, fieldInvalid(path, selector, `empty selector is invalid for ${kind}`)];
}

function mismatchErrors({ selector, template }: Workload['spec'], path: FieldPath): FieldError[] {
  const compiled = compileSelector(selector);
  const labels = template?.metadata?.labels ?? {};
  if (compiled.requirements.length === 0 || compiled.matches(labels)) return [];
  const message = '`selector` does not match template `labels`';
  return [fieldInvalid(path.child('metadata', 'labels'), labels, message)];
}

/** A workload that lives until it is deleted keeps its pods alive, too. */
function endlessPodErrors(
  template: PodTemplateSpec | undefined,
  path: FieldPath,
  kind: string,
): FieldError[] {
  const spec = template?.spec;
  const deadline = path.child('spec', 'activeDeadlineSeconds');
  return [
    ...checkOptionalEnum(path.child('spec', 'restartPolicy'), spec?.restartPolicy, ['Always']),
    ...(spec?.activeDeadlineSeconds === undefined
      ? []
      : [fieldForbidden(deadline, `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
}

/** Checks selector and template together, as `ValidatePodTemplateSpecForReplicaSet` does. */
export function validateWorkload(
  spec: Workload['spec'],
  path: FieldPath,
  kind: { readonly selectorName: string; readonly podOwner: string },
): FieldError[] {
  const template = path.child('template');
  const selected = selectorErrors(spec.selector, path.child('selector'), kind.selectorName);
  return [
    ...checkNotNegative(path.child('replicas'), spec.replicas),
    ...checkNotNegative(path.child('minReadySeconds'), spec.minReadySeconds),
    ...checkNotNegative(path.child('revisionHistoryLimit'), spec.revisionHistoryLimit),
    ...selected,
    ...(selected.length > 0 ? [] : mismatchErrors(spec, template)),
    ...validatePodTemplate(spec.template, template),
    ...endlessPodErrors(spec.template, template, kind.podOwner),
  ];
}
