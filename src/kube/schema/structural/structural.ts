import { checkObjectFields } from '../check-fields.ts';
import type { StructuralSchema } from '../contract.ts';
import { applyDefaults } from './apply-defaults.ts';
import type { JSONSchemaProps } from './json-schema.ts';
import { prune, unknownFields } from './prune.ts';
import { validateResource } from './validate.ts';

/** Prepares the schema of one version of a custom resource. */
export function compileStructural(schema: JSONSchemaProps): StructuralSchema {
  return {
    document: { ...schema },
    checkFields: (object) => [...checkObjectFields(object), ...unknownFields(object, schema)],
    prune: (object) => prune(object, schema),
    applyDefaults: (object) => applyDefaults(object, schema),
    validate: (object) => validateResource(object, schema),
  };
}
