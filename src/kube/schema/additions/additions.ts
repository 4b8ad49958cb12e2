import type { CompactSchemas, Descriptions } from '../compact.ts';
import { describeField } from '../compact.ts';
import { extensionsV1beta1 } from './extensions-v1beta1.ts';
import { netV1alpha1 } from './net-v1alpha1.ts';

/** One type of an API that no package describes any more. */
export interface AddedType {
  readonly description: string;
  /** Code and description of each field; codes as in {@link CompactSchemas}. */
  readonly fields: Readonly<Record<string, readonly [code: string, description: string]>>;
}

/** Types by name. */
export type AddedPackage = Readonly<Record<string, AddedType>>;

const packages: Readonly<Record<string, AddedPackage>> = {
  'io.k8s.api.extensions.v1beta1': extensionsV1beta1,
  'io.k8s.api.net.v1alpha1': netV1alpha1,
};

function codesOf({ fields }: AddedType): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, [code]]) => [name, code]));
}

function typesOf(added: AddedPackage): CompactSchemas[string] {
  return Object.fromEntries(Object.entries(added).map(([name, type]) => [name, codesOf(type)]));
}

/** What stands beside the generated schemas. */
export const addedSchemas: CompactSchemas = Object.fromEntries(
  Object.entries(packages).map(([goPackage, types]) => [goPackage, typesOf(types)]),
);

function descriptionsOf(name: string, { description, fields }: AddedType): [string, string][] {
  const ofFields = Object.entries(fields).map(([field, [, text]]): [string, string] => [
    describeField(name, field),
    text,
  ]);
  return [[name, description], ...ofFields];
}

/** What stands beside the generated descriptions. */
export const addedDescriptions: Descriptions = Object.fromEntries(
  Object.entries(packages).flatMap(([goPackage, types]) =>
    Object.entries(types).flatMap(([name, type]) => descriptionsOf(`${goPackage}.${name}`, type)),
  ),
);
