import { ageColumn, column, nameColumn } from '../columns.ts';
import { fieldInvalid, type FieldError, type FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { quantityError, tryParseQuantity } from '../quantity.ts';
import { withSpec } from '../with-spec.ts';
import { canonicalResources } from './container-defaults.ts';
import type { ResourceList } from './container.ts';

export interface ResourceQuota extends KubeObject {
  spec: {
    hard?: ResourceList;
    scopes?: string[];
    scopeSelector?: {
      matchExpressions?: { scopeName: string; operator: string; values?: string[] }[];
    };
  };
  status?: { hard?: ResourceList; used?: ResourceList };
}

/** `NAME: USED/HARD` of the requests, or of the limits. */
function usageText({ status }: ResourceQuota, isLimit: boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  return Object.keys(hard)
    .filter((name) => name.startsWith('limits') === isLimit)
    .sort()
    .map((name) => `${name}: ${used[name] ?? 0}/${hard[name]}`)
    .join(', ');
}

export const resourceQuotaKind: KindDefinition<ResourceQuota> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  schema: 'io.k8s.api.core.v1.ResourceQuota',
  namespaced: true,
  hasStatus: true,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Request', 'Requests used, of what is allowed.', (quota) => usageText(quota, false)),
    column('Limit', 'Limits used, of what is allowed.', (quota) => usageText(quota, true)),
    ageColumn,
  ],
  defaults: withSpec(({ spec }) => {
    if (spec.hard !== undefined) canonicalResources(spec.hard);
  }),
  prepareCreate: (quota) => {
    quota.status = {};
  },
  validate: ({ spec }, path) => validateAmounts(spec.hard ?? {}, path.child('spec', 'hard')),
  warnings: () => ['quotas are not enforced yet: the ResourceQuota is stored and has no effect'],
};

/** Checks the amounts of a list of resources. */
export function validateAmounts(list: ResourceList, path: FieldPath): FieldError[] {
  return Object.entries(list).flatMap(([name, amount]) => {
    const quantity = tryParseQuantity(amount);
    if (quantity === undefined) return [fieldInvalid(path.key(name), amount, quantityError)];
    return quantity.nano < 0n
      ? [fieldInvalid(path.key(name), amount, 'must be greater than or equal to 0')]
      : [];
  });
}
