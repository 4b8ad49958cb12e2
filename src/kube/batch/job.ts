import { wideColumns } from '../apps/workload.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkImmutable, checkNotNegative, checkOptionalEnum } from '../checks.ts';
import { isConditionTrue } from '../conditions.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { validatePodTemplate } from '../core/validate-pod-spec.ts';
import { fieldRequired, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject, LabelSelector } from '../meta.ts';
import { humanDuration } from '../time.ts';
import { withSpec } from '../with-spec.ts';

export interface JobSpec {
  parallelism?: number;
  completions?: number;
  activeDeadlineSeconds?: number;
  backoffLimit?: number;
  backoffLimitPerIndex?: number;
  selector?: LabelSelector;
  manualSelector?: boolean;
  template: PodTemplateSpec;
  ttlSecondsAfterFinished?: number;
  completionMode?: 'NonIndexed' | 'Indexed';
  suspend?: boolean;
  podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed';
  podFailurePolicy?: unknown;
  successPolicy?: unknown;
  maxFailedIndexes?: number;
  managedBy?: string;
}

export interface JobStatus {
  conditions?: Condition[];
  startTime?: string;
  completionTime?: string;
  active?: number;
  succeeded?: number;
  failed?: number;
  terminating?: number;
  /** Such as `0-2,5`. */
  completedIndexes?: string;
  /** Uids of pods that have ended and are in no counter yet. */
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] };
  ready?: number;
}

/** `batch/v1 Job`. */
export interface Job extends KubeObject {
  spec: JobSpec;
  status?: JobStatus;
}

/** Defaults of a Job and of the template of a CronJob. */
export function defaultJobSpec(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= 6;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??=
    spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  if (spec.template?.spec !== undefined) defaultPodSpec(spec.template.spec);
}

function restartErrors(template: PodTemplateSpec | undefined, path: FieldPath): FieldError[] {
  const policy = template?.spec?.restartPolicy;
  const at = path.child('template', 'spec', 'restartPolicy');
  return policy === 'Always' ? [fieldRequired(at, 'valid values: "OnFailure", "Never"')] : [];
}

/** Checks the spec of a Job or of a CronJob's template. */
export function validateJobSpec(spec: JobSpec, path: FieldPath): FieldError[] {
  const counts = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'backoffLimitPerIndex',
    'ttlSecondsAfterFinished',
  ] as const;
  return [
    ...counts.flatMap((field) => checkNotNegative(path.child(field), spec[field])),
    ...checkOptionalEnum(path.child('completionMode'), spec.completionMode, [
      'Indexed',
      'NonIndexed',
    ]),
    ...(spec.completionMode === 'Indexed' && spec.completions === undefined
      ? [fieldRequired(path.child('completions'), 'when completion mode is Indexed')]
      : []),
    ...validatePodTemplate(spec.template, path.child('template')),
    ...restartErrors(spec.template, path),
  ];
}

/** The pods of a Job are told apart by its uid, unless the user chose a selector. */
function setSelector(job: Job): void {
  const { name, uid } = job.metadata;
  if (job.spec.manualSelector === true || uid === undefined) return;
  const identity = { 'batch.kubernetes.io/controller-uid': uid };
  job.spec.selector ??= { matchLabels: identity };
  job.spec.template.metadata = {
    ...job.spec.template.metadata,
    labels: {
      ...job.spec.template.metadata?.labels,
      ...identity,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': uid,
      'job-name': name,
    },
  };
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 1;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status }: Job, now: number): string {
  if (status?.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}

function statusText({ metadata, status }: Job): string {
  const has = (type: string): boolean => isConditionTrue(status?.conditions, type);
  for (const type of ['Complete', 'Failed']) if (has(type)) return type;
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const others = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'];
  return others.find(has) ?? 'Running';
}

const immutableFields = ['selector', 'template', 'completionMode'] as const;

/** Only an indexed Job can grow and shrink, and only while all its pods run side by side. */
function isElastic({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
}

function validateChange(next: Job, previous: Job): FieldError[] {
  const fixed = isElastic(next) ? immutableFields : ([...immutableFields, 'completions'] as const);
  return fixed.flatMap((field) =>
    checkImmutable(new FieldPath(`spec.${field}`), next.spec[field], previous.spec[field]),
  );
}

/** What of a Job the controller does not follow; `path` is where its spec stands. */
export function ignoredFields(spec: JobSpec, path: string): string[] {
  const fields = [
    'podFailurePolicy',
    'successPolicy',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
    'managedBy',
  ] as const;
  return fields
    .filter((field) => spec[field] !== undefined)
    .map((field) => `${path}.${field} is stored and has no effect yet`);
}

export const jobKind: KindDefinition<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.batch.v1.Job',
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Status', 'How far it is.', statusText),
    column('Completions', 'Pods that succeeded, of those needed.', completions),
    column('Duration', 'How long it ran.', duration),
    ageColumn,
    ...wideColumns,
  ],
  fields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  defaults: withSpec(({ spec }) => defaultJobSpec(spec)),
  prepareCreate: (job) => {
    job.status = {};
    if (job.spec.template !== undefined) setSelector(job);
  },
  validate: ({ spec }, path) => validateJobSpec(spec, path.child('spec')),
  validateUpdate: validateChange,
  warnings: ({ spec }) => ignoredFields(spec, 'spec'),
};
