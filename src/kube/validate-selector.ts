import { checkText } from './checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from './field-error.ts';
import type { LabelSelector, LabelSelectorRequirement, StringMap } from './meta.ts';
import { labelValue, qualifiedName } from './names.ts';

/** Checks the keys and values of labels; every error stands at `path` itself. */
export function validateLabels(labels: StringMap | undefined, path: FieldPath): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedName(key).map((message) => fieldInvalid(path, key, message)),
    ...labelValue(value).map((message) => fieldInvalid(path, value, message)),
  ]);
}

function validateRequirement(
  { key, operator, values = [] }: LabelSelectorRequirement,
  path: FieldPath,
): FieldError[] {
  return [
    ...operatorErrors(operator, values, path),
    ...checkText(path.child('key'), key, qualifiedName),
    ...values.flatMap((value, position) =>
      labelValue(value).map((message) =>
        fieldInvalid(path.child('values').index(position), value, message),
      ),
    ),
  ];
}

function operatorErrors(
  operator: string,
  values: readonly string[],
  path: FieldPath,
): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [
            fieldRequired(
              path.child('values'),
              "must be specified when `operator` is 'In' or 'NotIn'",
            ),
          ];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [
            fieldForbidden(
              path.child('values'),
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          ];
    default:
      return [fieldInvalid(path.child('operator'), operator, 'not a valid selector operator')];
  }
}

/** Checks a `meta/v1 LabelSelector` as `ValidateLabelSelector` does. */
export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: FieldPath,
): FieldError[] {
  return [
    ...validateLabels(selector?.matchLabels, path.child('matchLabels')),
    ...(selector?.matchExpressions ?? []).flatMap((requirement, position) =>
      validateRequirement(requirement, path.child('matchExpressions').index(position)),
    ),
  ];
}
