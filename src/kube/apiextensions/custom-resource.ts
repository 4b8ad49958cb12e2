import { ageColumn, nameColumn } from '../columns.ts';
import { fieldInvalid, type FieldPath } from '../field-error.ts';
import type { Column, KindDefinition, ScalePaths } from '../kind.ts';
import type { AnyObject } from '../meta.ts';
import { isRecord } from '../schema/structural/json-schema.ts';
import { compileStructural } from '../schema/structural/structural.ts';
import { age } from '../time.ts';
import type {
  CustomResourceDefinition,
  CustomResourceVersion,
  PrinterColumn,
} from './custom-resource-definition.ts';
import { compileJsonPath } from './json-path.ts';

type Cell = Column<AnyObject>['cell'];

const noValues = (): unknown[] => [];

/** The text of a value as Kubernetes prints it: several join with commas, objects as JSON. */
function cellText(values: readonly unknown[]): string {
  return values
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(',');
}

function cellOf({ jsonPath, type }: PrinterColumn): Cell {
  const find = compileJsonPath(jsonPath) ?? noValues;
  return (object, now) => {
    const values = find(object);
    const [first] = values;
    if (first === undefined || first === null) return null;
    if (type === 'date') return typeof first === 'string' ? age(first, now) : '<invalid>';
    if (type === 'string') return cellText(values);
    return typeof first === 'number' || typeof first === 'boolean' ? first : null;
  };
}

function printerColumn(definition: PrinterColumn): Column<AnyObject> {
  return {
    name: definition.name,
    // A date is sent as its age, which is text.
    type: definition.type === 'date' ? 'string' : definition.type,
    priority: (definition.priority ?? 0) > 0 ? 1 : 0,
    description: definition.description ?? '',
    cell: cellOf(definition),
  };
}

function columnsOf(version: CustomResourceVersion): readonly Column<AnyObject>[] {
  const { additionalPrinterColumns = [] } = version;
  if (additionalPrinterColumns.length === 0) return [nameColumn, ageColumn];
  return [nameColumn, ...additionalPrinterColumns.map(printerColumn)];
}

/** Sets the value at a path of plain fields, `.spec.replicas`; objects on the way are made. */
function setAt(object: AnyObject, path: string, value: unknown): void {
  const names = path.split('.').filter((name) => name !== '');
  const last = names.pop() ?? '';
  let parent: Record<string, unknown> = object;
  for (const name of names) {
    // Only its own: a path over `__proto__` must not lead to what all objects share.
    const next = Object.hasOwn(parent, name) ? parent[name] : undefined;
    parent = isRecord(next) ? next : (parent[name] = {});
  }
  parent[last] = value;
}

function scaleOf(version: CustomResourceVersion): ScalePaths<AnyObject> | undefined {
  const scale = version.subresources?.scale;
  if (scale === undefined) return undefined;
  const read = (path: string | undefined): ((object: AnyObject) => unknown) => {
    const find = path === undefined ? undefined : compileJsonPath(path);
    return (object) => (find ?? noValues)(object)[0];
  };
  const wanted = read(scale.specReplicasPath);
  const current = read(scale.statusReplicasPath);
  const selector = read(scale.labelSelectorPath);
  return {
    replicas: (object) => Number(wanted(object) ?? 0),
    statusReplicas: (object) => Number(current(object) ?? 0),
    selector: (object) => cellText([selector(object) ?? '']),
    set: (object, replicas) => setAt(object, scale.specReplicasPath, replicas),
  };
}

/** `com.example.stable.v1.CronTab`: the group backwards, the version, the kind. */
function schemaName(group: string, version: string, kind: string): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

function fieldsOf(version: CustomResourceVersion): KindDefinition['fields'] {
  const entries = (version.selectableFields ?? []).map(({ jsonPath }) => {
    const find = compileJsonPath(jsonPath) ?? noValues;
    return [jsonPath.replace(/^\./, ''), (object: AnyObject) => cellText(find(object))] as const;
  });
  return Object.fromEntries(entries);
}

function warningOf(version: CustomResourceVersion, group: string, kind: string): string[] {
  if (version.deprecated !== true) return [];
  return [version.deprecationWarning ?? `${group}/${version.name} ${kind} is deprecated`];
}

function kindOf(
  definition: CustomResourceDefinition,
  version: CustomResourceVersion,
): KindDefinition {
  const { group, names, scope } = definition.spec;
  const structural = compileStructural(version.schema?.openAPIV3Schema ?? {});
  const scale = scaleOf(version);
  return {
    group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    schema: schemaName(group, version.name, names.kind),
    structural,
    hasStatus: version.subresources?.status !== undefined,
    hasGeneration: true,
    ...(scale === undefined ? {} : { scale }),
    columns: columnsOf(version),
    fields: fieldsOf(version),
    defaults: (object) => {
      structural.prune(object);
      structural.applyDefaults(object);
    },
    prepareCreate: (object) => {
      if (version.subresources?.status !== undefined) delete object['status'];
    },
    validate: (object, path) => validateCustom(object, path, structural),
    warnings: () => warningOf(version, group, names.kind),
  };
}

function validateCustom(
  object: AnyObject,
  path: FieldPath,
  structural: ReturnType<typeof compileStructural>,
): ReturnType<typeof structural.validate> {
  try {
    return structural.validate(object);
  } catch (error) {
    // A pattern of the schema that is no regular expression here; Go's syntax differs in corners.
    if (!(error instanceof SyntaxError)) throw error;
    return [
      fieldInvalid(path.child('spec'), null, `the schema cannot be checked: ${error.message}`),
    ];
  }
}

/** One kind for each served version of a definition; all versions hold the same objects. */
export function customKinds(definition: CustomResourceDefinition): KindDefinition[] {
  const served = definition.spec.versions.filter((version) => version.served);
  return served.map((version) => kindOf(definition, version));
}
