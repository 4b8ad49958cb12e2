import {
  ageColumn,
  nameColumn,
  type AnyObject,
  type Column,
  type KindDefinition,
  type ListMeta,
} from '../../kube/index.ts';

/** How much of each object a Table carries along (`meta/v1 TableOptions.includeObject`). */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  /** `meta.k8s.io/v1`, or `v1beta1` for kubectl before 1.16. */
  readonly apiVersion: string;
  readonly includeObject: IncludeObject;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
  /** False in a watch after its first event: the columns are known by then. */
  readonly withColumns: boolean;
}

const plainColumns: readonly Column<AnyObject>[] = [nameColumn, ageColumn];

function columnsOf(kind: KindDefinition): readonly Column<AnyObject>[] {
  return kind.columns.length === 0 ? plainColumns : kind.columns;
}

/** `meta/v1 PartialObjectMetadata`: an object without its contents. */
export function partialMetadata(object: AnyObject, apiVersion = 'meta.k8s.io/v1'): AnyObject {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata };
}

function included(object: AnyObject, options: TableOptions): AnyObject | undefined {
  if (options.includeObject === 'None') return undefined;
  return options.includeObject === 'Object' ? object : partialMetadata(object, options.apiVersion);
}

/** What a bookmark or an error shows as: no cells, only the object. */
export function emptyTable(object: AnyObject, options: TableOptions): Record<string, unknown> {
  return {
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata: { resourceVersion: object.metadata.resourceVersion },
    columnDefinitions: [],
    rows: [{ cells: [], object: included(object, { ...options, includeObject: 'Metadata' }) }],
  };
}

/** A `meta/v1 Table`: the server's own rendering of objects, one row each. */
export function tableOf(
  kind: KindDefinition,
  objects: readonly AnyObject[],
  metadata: ListMeta,
  options: TableOptions,
): Record<string, unknown> {
  const columns = columnsOf(kind);
  const definitions = columns.map(({ name, type, format = '', description, priority }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
  return {
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata,
    columnDefinitions: options.withColumns ? definitions : [],
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, options.now)),
      object: included(object, options),
    })),
  };
}
