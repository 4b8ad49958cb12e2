import { ageColumn, column, nameColumn } from '../columns.ts';
import { checkOptionalEnum } from '../checks.ts';
import { fieldForbidden, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';

/** `scheduling.k8s.io/v1 PriorityClass`. */
export interface PriorityClass extends KubeObject {
  value: number;
  globalDefault?: boolean;
  description?: string;
  preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
}

/** Above it only system classes. */
const highestUserPriority = 1_000_000_000;
const systemPrefix = 'system-';
const systemClasses = ['system-node-critical', 'system-cluster-critical'];

function validateClass(
  { metadata, value, preemptionPolicy }: PriorityClass,
  path: FieldPath,
): FieldError[] {
  const isSystem = systemClasses.includes(metadata.name);
  const prefix = `priority class names with '${systemPrefix}' prefix are reserved for system use only`;
  return [
    ...(metadata.name.startsWith(systemPrefix) && !isSystem
      ? [fieldForbidden(path.child('metadata', 'name'), prefix)]
      : []),
    ...(value > highestUserPriority && !isSystem
      ? [
          fieldForbidden(
            path.child('value'),
            `maximum allowed value of a user defined priority is ${highestUserPriority}`,
          ),
        ]
      : []),
    ...checkOptionalEnum(path.child('preemptionPolicy'), preemptionPolicy, [
      'Never',
      'PreemptLowerPriority',
    ]),
  ];
}

export const priorityClassKind: KindDefinition<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('Value', 'The priority.', ({ value }) => value, { type: 'integer' }),
    column('Global-Default', 'Whether pods without a class get it.', ({ globalDefault }) =>
      String(globalDefault ?? false),
    ),
    ageColumn,
    column(
      'PreemptionPolicy',
      'Whether its pods push others out.',
      ({ preemptionPolicy }) => preemptionPolicy ?? '',
    ),
  ],
  defaults: (object) => {
    object.value ??= 0;
    object.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate: validateClass,
  validateUpdate: (next, previous) =>
    next.value === previous.value
      ? []
      : [fieldForbidden(new FieldPath('value'), 'may not be changed in an update.')],
};
