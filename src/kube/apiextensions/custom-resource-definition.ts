import { nameColumn, column } from '../columns.ts';
import { checkImmutable, isUnset } from '../checks.ts';
import { FieldPath, type FieldError } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { Condition, KubeObject } from '../meta.ts';
import type { JSONSchemaProps } from '../schema/structural/json-schema.ts';
import { withSpec } from '../with-spec.ts';
import { validateDefinition } from './validate-definition.ts';

export interface CustomResourceNames {
  plural: string;
  singular?: string;
  shortNames?: string[];
  kind: string;
  listKind?: string;
  categories?: string[];
}

export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

export interface CustomResourceVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JSONSchemaProps };
  subresources?: {
    status?: Record<string, never>;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: { jsonPath: string }[];
}

/** `apiextensions.k8s.io/v1 CustomResourceDefinition`. */
export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    names: CustomResourceNames;
    scope: 'Namespaced' | 'Cluster';
    versions: CustomResourceVersion[];
    conversion?: { strategy: 'None' | 'Webhook'; webhook?: unknown };
    preserveUnknownFields?: boolean;
  };
  status?: {
    conditions?: Condition[];
    acceptedNames?: CustomResourceNames;
    storedVersions?: string[];
  };
}

function setDefaults({ spec }: CustomResourceDefinition): void {
  const { names } = spec;
  if (names !== undefined && !isUnset(names.kind)) {
    names.singular ??= names.kind.toLowerCase();
    names.listKind ??= `${names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
}

/** Whoever serves the definition adds the conditions, once no other kind has its names. */
function startStatus(definition: CustomResourceDefinition): void {
  const { names } = definition.spec;
  const versions = definition.spec.versions ?? [];
  definition.status = {
    conditions: [],
    acceptedNames: structuredClone(names),
    storedVersions: versions.filter(({ storage }) => storage).map(({ name }) => name),
  };
}

function keepStatus(next: CustomResourceDefinition, previous: CustomResourceDefinition): void {
  const stored = (next.spec?.versions ?? []).filter(({ storage }) => storage);
  const names = [...(previous.status?.storedVersions ?? []), ...stored.map(({ name }) => name)];
  next.status = {
    ...structuredClone(previous.status),
    acceptedNames: structuredClone(next.spec.names),
    storedVersions: [...new Set(names)],
  };
}

function validateChange(
  next: CustomResourceDefinition,
  previous: CustomResourceDefinition,
): FieldError[] {
  const spec = new FieldPath('spec');
  return [
    ...checkImmutable(spec.child('group'), next.spec.group, previous.spec.group),
    ...checkImmutable(spec.child('scope'), next.spec.scope, previous.spec.scope),
    ...checkImmutable(spec.child('names', 'kind'), next.spec.names?.kind, previous.spec.names.kind),
  ];
}

function warnings({ spec }: CustomResourceDefinition): string[] {
  const text = JSON.stringify(spec.versions ?? []);
  return [
    ...(text.includes('"x-kubernetes-validations"')
      ? [
          'validation rules (x-kubernetes-validations) are not evaluated yet: objects are checked by the rest of the schema',
        ]
      : []),
    ...(spec.conversion?.strategy === 'Webhook'
      ? ['conversion webhooks are not called yet: objects keep their fields in every version']
      : []),
  ];
}

export const customResourceDefinitionKind: KindDefinition<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    column(
      'Created At',
      'When it was created.',
      ({ metadata }) => metadata.creationTimestamp ?? '',
    ),
  ],
  defaults: withSpec(setDefaults),
  prepareCreate: startStatus,
  prepareUpdate: keepStatus,
  validate: validateDefinition,
  validateUpdate: validateChange,
  warnings,
};
