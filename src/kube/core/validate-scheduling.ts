import {
  areRepeated,
  checkEnum,
  checkOptionalEnum,
  checkPresent,
  checkText,
  isUnset,
} from '../checks.ts';
import { fieldDuplicate, fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import { labelValue, qualifiedName } from '../names.ts';
import { validateLabelSelector } from '../validate-selector.ts';
import type { TopologySpreadConstraint } from './pod-spec.ts';
import type { Toleration } from './taint.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(
  tolerations: readonly Toleration[],
  path: FieldPath,
): FieldError[] {
  return tolerations.flatMap((toleration, position) =>
    validateToleration(toleration, path.index(position)),
  );
}

function validateToleration(toleration: Toleration, path: FieldPath): FieldError[] {
  const { key, operator = 'Equal', effect } = toleration;
  const needsExists = isUnset(key) && operator !== 'Exists';
  return [
    ...(isUnset(key) ? [] : checkText(path.child('key'), key, qualifiedName)),
    ...(needsExists
      ? [
          fieldInvalid(
            path.child('operator'),
            operator,
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ),
        ]
      : []),
    ...(toleration.tolerationSeconds !== undefined && effect !== 'NoExecute'
      ? [
          fieldInvalid(
            path.child('effect'),
            effect ?? '',
            "effect must be 'NoExecute' when `tolerationSeconds` is set",
          ),
        ]
      : []),
    ...operatorErrors(toleration, path),
    ...(isUnset(effect) ? [] : checkOptionalEnum(path.child('effect'), effect, effects)),
  ];
}

function operatorErrors(
  { operator = 'Equal', value = '' }: Toleration,
  path: FieldPath,
): FieldError[] {
  if (operator === 'Exists') {
    return value === ''
      ? []
      : [
          fieldInvalid(
            path.child('operator'),
            { operator, value },
            "value must be empty when `operator` is 'Exists'",
          ),
        ];
  }
  if (operator === 'Equal') return checkText(path.child('operator'), value, labelValue);
  return checkOptionalEnum(path.child('operator'), operator, ['Equal', 'Exists']);
}

export function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[],
  path: FieldPath,
): FieldError[] {
  const keys = constraints.map(
    ({ topologyKey, whenUnsatisfiable }) => `{${topologyKey}, ${whenUnsatisfiable}}`,
  );
  const isRepeated = areRepeated(keys);
  return constraints.flatMap((constraint, position) => {
    const at = path.index(position);
    return [
      ...validateConstraint(constraint, at),
      ...(isRepeated[position] === true
        ? [fieldDuplicate(at.child('{topologyKey, whenUnsatisfiable}'), keys[position])]
        : []),
    ];
  });
}

function validateConstraint(constraint: TopologySpreadConstraint, path: FieldPath): FieldError[] {
  return [
    ...(constraint.maxSkew > 0
      ? []
      : [fieldInvalid(path.child('maxSkew'), constraint.maxSkew, 'must be greater than zero')]),
    ...checkPresent(path.child('topologyKey'), constraint.topologyKey, 'can not be empty'),
    ...checkEnum(path.child('whenUnsatisfiable'), constraint.whenUnsatisfiable, [
      'DoNotSchedule',
      'ScheduleAnyway',
    ]),
    ...validateLabelSelector(constraint.labelSelector, path.child('labelSelector')),
  ];
}
