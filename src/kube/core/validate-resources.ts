import { checkText } from '../checks.ts';
import { fieldInvalid, fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import { qualifiedName } from '../names.ts';
import { compareQuantities, formatQuantity, quantityError, tryParseQuantity } from '../quantity.ts';
import type { ResourceList, ResourceRequirements } from './container.ts';

const standardResources = ['cpu', 'memory', 'ephemeral-storage'];

function isStandard(name: string): boolean {
  return standardResources.includes(name) || name.startsWith('hugepages-');
}

export function validateResources(
  resources: ResourceRequirements | undefined,
  path: FieldPath,
): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {};
  return [
    ...Object.entries(limits).flatMap(([name, amount]) =>
      validateAmount(name, amount, path.child('limits')),
    ),
    ...Object.entries(requests).flatMap(([name, amount]) => [
      ...validateAmount(name, amount, path.child('requests')),
      ...limitErrors({ name, amount, limits }, path),
    ]),
  ];
}

function validateAmount(name: string, amount: string | number, path: FieldPath): FieldError[] {
  const at = path.key(name);
  const quantity = tryParseQuantity(amount);
  const names = name.includes('/') ? checkText(path, name, qualifiedName) : nameErrors(name, path);
  if (quantity === undefined) return [...names, fieldInvalid(at, amount, quantityError)];
  return quantity.nano < 0n
    ? [...names, fieldInvalid(at, amount, 'must be greater than or equal to 0')]
    : names;
}

function nameErrors(name: string, path: FieldPath): FieldError[] {
  return isStandard(name)
    ? []
    : [fieldInvalid(path, name, 'must be a standard resource type or fully qualified')];
}

interface Request {
  readonly name: string;
  readonly amount: string | number;
  readonly limits: ResourceList;
}

/** Resources that cannot be shared out beyond what there is (huge pages, devices) are requested as limited. */
function limitErrors({ name, amount, limits }: Request, path: FieldPath): FieldError[] {
  const canOvercommit = standardResources.includes(name);
  const limitText = limits[name];
  if (limitText === undefined) {
    return canOvercommit
      ? []
      : [fieldRequired(path.child('limits'), 'Limit must be set for non overcommitable resources')];
  }
  const limit = tryParseQuantity(limitText);
  const request = tryParseQuantity(amount);
  if (limit === undefined || request === undefined) return [];
  const order = compareQuantities(request, limit);
  if (order === 0 || (canOvercommit && order < 0)) return [];
  const relation = canOvercommit ? 'less than or equal to' : 'equal to';
  return [
    fieldInvalid(
      path.child('requests'),
      formatQuantity(request),
      `must be ${relation} ${name} limit of ${formatQuantity(limit)}`,
    ),
  ];
}
