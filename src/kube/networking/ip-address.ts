import { formatAddress, parseAddress } from '../../ip/index.ts';
import { ageColumn, column, nameColumn, none } from '../columns.ts';
import { checkImmutable } from '../checks.ts';
import { fieldRequired, FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { withSpec } from '../with-spec.ts';

export interface ParentReference {
  group?: string;
  resource: string;
  namespace?: string;
  name: string;
}

/** `networking.k8s.io/v1 IPAddress`: one address in use, named by its canonical text. */
export interface IPAddress extends KubeObject {
  spec: { parentRef?: ParentReference };
}

function validateParent(parent: ParentReference | undefined, path: FieldPath): FieldError[] {
  if (parent === undefined) return [fieldRequired(path)];
  return (['resource', 'name'] as const)
    .filter((field) => !parent[field])
    .map((field) => fieldRequired(path.child(field)));
}

function formatParent(parent: ParentReference | undefined): string {
  if (parent === undefined) return none;
  const { group, resource, namespace, name } = parent;
  const qualified = group ? `${resource}.${group}` : resource;
  return [qualified, namespace, name].filter((part) => part !== undefined && part !== '').join('/');
}

export const ipAddressKind: KindDefinition<IPAddress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.IPAddress',
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    column('ParentRef', 'The object that uses the address.', ({ spec }) =>
      formatParent(spec.parentRef),
    ),
    ageColumn,
  ],
  defaults: withSpec(),
  validateName: (name) => {
    const address = parseAddress(name);
    const isCanonical = address !== undefined && formatAddress(address) === name;
    return isCanonical ? [] : ['must be a valid IP address in canonical form'];
  },
  validate: ({ spec }, path) => validateParent(spec.parentRef, path.child('spec', 'parentRef')),
  validateUpdate: (next, previous) =>
    checkImmutable(new FieldPath('spec.parentRef'), next.spec.parentRef, previous.spec.parentRef),
};
