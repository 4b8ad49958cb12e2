import { isDeepStrictEqual } from 'node:util';
import { parseCidr } from '../../ip/index.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { fieldInvalid, fieldRequired, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject } from '../meta.ts';
import { withSpec } from '../with-spec.ts';

/** `networking.k8s.io/v1 ServiceCIDR`: addresses that Services may have. */
export interface ServiceCIDR extends KubeObject {
  spec: { cidrs?: string[] };
  status?: { conditions?: Condition[] };
}

const badCidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const oneForEachFamily =
  'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

function validateCidrs(cidrs: readonly string[], path: FieldPath): FieldError[] {
  if (cidrs.length === 0) return [fieldRequired(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [fieldInvalid(path, cidrs, 'may only hold up to 2 values')];
  const parsed = cidrs.map(parseCidr);
  const [first, second] = parsed.map((cidr) => cidr?.family);
  return [
    ...(first !== undefined && first === second
      ? [fieldInvalid(path, cidrs, oneForEachFamily)]
      : []),
    ...cidrs.flatMap((text, at) =>
      parsed[at] === undefined ? [fieldInvalid(path.index(at), text, badCidr)] : [],
    ),
  ];
}

/** A second family may be added to a single one; everything else stays. */
function changeErrors(next: readonly string[], previous: readonly string[]): FieldError[] {
  const isUpgrade = previous.length === 1 && next.length === 2 && next[0] === previous[0];
  if (isUpgrade || isDeepStrictEqual(next, previous)) return [];
  return [fieldInvalid(new FieldPath('spec.cidrs'), next, 'field is immutable')];
}

export const serviceCidrKind: KindDefinition<ServiceCIDR> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.ServiceCIDR',
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('CIDRs', 'The address ranges.', ({ spec }) => (spec.cidrs ?? []).join(',')),
    ageColumn,
  ],
  defaults: withSpec(),
  prepareCreate: (object) => {
    object.status = {};
  },
  validate: ({ spec }, path) => validateCidrs(spec.cidrs ?? [], path.child('spec', 'cidrs')),
  validateUpdate: (next, previous) =>
    changeErrors(next.spec.cidrs ?? [], previous.spec.cidrs ?? []),
};
