import { checkUnique } from '../checks.ts';
import { column, nameColumn } from '../columns.ts';
import { fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { compareQuantities, tryParseQuantity } from '../quantity.ts';
import { withSpec } from '../with-spec.ts';
import { canonicalResources } from './container-defaults.ts';
import type { ResourceList } from './container.ts';
import { validateAmounts } from './resource-quota.ts';

export interface LimitRangeItem {
  type: string;
  max?: ResourceList;
  min?: ResourceList;
  default?: ResourceList;
  defaultRequest?: ResourceList;
  maxLimitRequestRatio?: ResourceList;
}

export interface LimitRange extends KubeObject {
  spec: { limits?: LimitRangeItem[] };
}

const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

export const limitRangeKind: KindDefinition<LimitRange> = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  schema: 'io.k8s.api.core.v1.LimitRange',
  namespaced: true,
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    column(
      'Created At',
      'When it was created.',
      ({ metadata }) => metadata.creationTimestamp ?? '',
    ),
  ],
  defaults: withSpec(({ spec }) => {
    for (const item of spec.limits ?? []) defaultItem(item);
  }),
  warnings: () => ['limits are not enforced yet: the LimitRange is stored and has no effect'],
  validate: ({ spec }, path) => {
    const at = path.child('spec', 'limits');
    const items = spec.limits ?? [];
    return [
      ...checkUnique(
        items.map(({ type }) => type),
        (position) => at.index(position).child('type'),
      ),
      ...items.flatMap((item, position) => validateItem(item, at.index(position))),
    ];
  },
};

/** What a container gets by default follows from what it may have at most, and at least. */
function defaultItem(item: LimitRangeItem): void {
  for (const field of lists) {
    const list = item[field];
    if (list !== undefined) canonicalResources(list);
  }
  if (item.type !== 'Container') return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

function validateItem(item: LimitRangeItem, path: FieldPath): FieldError[] {
  const amounts = lists.flatMap((field) => validateAmounts(item[field] ?? {}, path.child(field)));
  return amounts.length > 0 ? amounts : orderErrors(item, path);
}

/** min <= defaultRequest <= default <= max, as far as they are set. */
function orderErrors(item: LimitRangeItem, path: FieldPath): FieldError[] {
  const pairs = [
    ['min', 'max', 'min value'],
    ['defaultRequest', 'default', 'default request value'],
    ['min', 'defaultRequest', 'min value'],
    ['default', 'max', 'default value'],
  ] as const;
  return pairs.flatMap(([lower, upper, noun]) =>
    Object.entries(item[lower] ?? {})
      .filter(([name, amount]) => isGreater(amount, item[upper]?.[name]))
      .map(([name, amount]) =>
        fieldInvalid(
          path.child(lower).key(name),
          amount,
          `${noun} ${amount} is greater than ${upper} value ${item[upper]?.[name]}`,
        ),
      ),
  );
}

function isGreater(amount: string | number, bound: string | number | undefined): boolean {
  const one = tryParseQuantity(amount);
  const two = bound === undefined ? undefined : tryParseQuantity(bound);
  return one !== undefined && two !== undefined && compareQuantities(one, two) > 0;
}
