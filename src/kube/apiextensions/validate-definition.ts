import { checkEnum, checkRequiredText } from '../checks.ts';
import { fieldInvalid, fieldRequired, type FieldError, type FieldPath } from '../field-error.ts';
import { dns1035Label, dns1123Subdomain } from '../names.ts';
import type { JSONSchemaProps } from '../schema/structural/json-schema.ts';
import type {
  CustomResourceDefinition,
  CustomResourceNames,
  CustomResourceVersion,
} from './custom-resource-definition.ts';
import { compileJsonPath } from './json-path.ts';

function groupErrors(group: string | undefined, path: FieldPath): FieldError[] {
  const errors = checkRequiredText(path, group, dns1123Subdomain);
  if (errors.length > 0 || group?.includes('.') === true) return errors;
  return [fieldInvalid(path, group, 'should be a domain with at least one dot')];
}

/** Kinds may have upper case; apart from that they are labels. */
function kindErrors(kind: string | undefined, path: FieldPath): FieldError[] {
  return checkRequiredText(path, kind, (text) =>
    dns1035Label(text.toLowerCase()).map(
      (message) => `may have mixed case, but should otherwise match: ${message}`,
    ),
  );
}

function namesErrors(names: CustomResourceNames | undefined, path: FieldPath): FieldError[] {
  return [
    ...checkRequiredText(path.child('plural'), names?.plural, dns1035Label),
    ...checkRequiredText(path.child('singular'), names?.singular, dns1035Label),
    ...kindErrors(names?.kind, path.child('kind')),
    ...kindErrors(names?.listKind, path.child('listKind')),
  ];
}

/** The rules of structural schemas: every part says its type, except where any value goes. */
function structuralErrors(schema: JSONSchemaProps, path: FieldPath, where: string): FieldError[] {
  const isFree =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  const { type = '', properties = {}, items, additionalProperties } = schema;
  return [
    ...(type === '' && !isFree
      ? [fieldRequired(path.child('type'), `must not be empty ${where}`)]
      : []),
    ...Object.entries(properties).flatMap(([name, property]) =>
      structuralErrors(property, path.child('properties').key(name), 'for specified object fields'),
    ),
    ...(items === undefined
      ? []
      : structuralErrors(items, path.child('items'), 'for specified array items')),
    ...(typeof additionalProperties === 'object'
      ? structuralErrors(
          additionalProperties,
          path.child('additionalProperties'),
          'for specified object fields',
        )
      : []),
  ];
}

function schemaErrors(version: CustomResourceVersion, path: FieldPath): FieldError[] {
  const at = path.child('schema', 'openAPIV3Schema');
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) return [fieldRequired(at, 'schemas are required')];
  if (schema.type !== undefined && schema.type !== 'object') {
    return [fieldInvalid(at.child('type'), schema.type, 'must be object at the root')];
  }
  return structuralErrors(schema, at, 'at the root');
}

function columnErrors(version: CustomResourceVersion, path: FieldPath): FieldError[] {
  return (version.additionalPrinterColumns ?? []).flatMap(({ jsonPath, type }, at) => {
    const column = path.child('additionalPrinterColumns').index(at);
    const isPath = compileJsonPath(jsonPath ?? '') !== undefined && /^[.[{]/.test(jsonPath ?? '');
    return [
      ...checkEnum(column.child('type'), type, ['boolean', 'date', 'integer', 'number', 'string']),
      ...(isPath
        ? []
        : [fieldInvalid(column.child('jsonPath'), jsonPath ?? '', 'is not a simple JSON path')]),
    ];
  });
}

function versionsErrors(versions: readonly CustomResourceVersion[], path: FieldPath): FieldError[] {
  const names = versions.map(({ name }) => name);
  const stored = versions.filter(({ storage }) => storage);
  const duplicate = 'must contain unique version names';
  const storage = 'must have exactly one version marked as storage version';
  return [
    ...(new Set(names).size === names.length ? [] : [fieldInvalid(path, names, duplicate)]),
    ...(stored.length === 1 ? [] : [fieldInvalid(path, names, storage)]),
    ...versions.flatMap((version, at) => [
      ...checkRequiredText(path.index(at).child('name'), version.name, dns1035Label),
      ...schemaErrors(version, path.index(at)),
      ...columnErrors(version, path.index(at)),
    ]),
  ];
}

function nameErrors({ metadata, spec }: CustomResourceDefinition, path: FieldPath): FieldError[] {
  const wanted = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`;
  if (metadata.name === wanted) return [];
  const message = 'must be spec.names.plural+"."+spec.group';
  return [fieldInvalid(path.child('metadata', 'name'), metadata.name, message)];
}

/** Checks a definition as `ValidateCustomResourceDefinition` does, less what webhooks and rules would need. */
export function validateDefinition(
  definition: CustomResourceDefinition,
  path: FieldPath,
): FieldError[] {
  const { spec } = definition;
  const at = path.child('spec');
  return [
    ...nameErrors(definition, path),
    ...groupErrors(spec.group, at.child('group')),
    ...checkEnum(at.child('scope'), spec.scope, ['Cluster', 'Namespaced']),
    ...versionsErrors(spec.versions ?? [], at.child('versions')),
    ...namesErrors(spec.names, at.child('names')),
  ];
}
