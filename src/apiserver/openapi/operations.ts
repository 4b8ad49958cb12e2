import type { KindDefinition, SchemaName } from '../../kube/index.ts';

/** An operation of the API in neither dialect; the documents render it. */
export interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch';
  /** `x-kubernetes-action` */
  readonly action: string;
  readonly id: string;
  readonly description: string;
  readonly kind: GroupVersionKind;
  readonly query: readonly QueryParameter[];
  readonly body?: SchemaName;
  readonly result: SchemaName;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

/** One URL with `{namespace}` and `{name}` in it. */
export interface Path {
  readonly url: string;
  readonly operations: readonly Operation[];
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const statusSchema = `${meta}.Status`;
export const deleteOptionsSchema = `${meta}.DeleteOptions`;
export const patchSchema = `${meta}.Patch`;
const scaleSchema = 'io.k8s.api.autoscaling.v1.Scale';

const text = (name: string, description: string): QueryParameter => ({
  name,
  type: 'string',
  description,
});

const writeParameters: readonly QueryParameter[] = [
  text('dryRun', 'All: nothing is persisted.'),
  text('fieldManager', 'The name of the actor that makes the change.'),
  text('fieldValidation', 'What happens to unknown and duplicate fields: Ignore, Warn or Strict.'),
];

const listParameters: readonly QueryParameter[] = [
  { name: 'allowWatchBookmarks', type: 'boolean', description: 'Asks for BOOKMARK events.' },
  text('continue', 'The token that the page before ended with.'),
  text('fieldSelector', 'Restricts the objects by their fields.'),
  text('labelSelector', 'Restricts the objects by their labels.'),
  { name: 'limit', type: 'integer', description: 'The size of a page.' },
  text('resourceVersion', 'How old the answer may be.'),
  text('resourceVersionMatch', 'How resourceVersion is applied: Exact or NotOlderThan.'),
  { name: 'sendInitialEvents', type: 'boolean', description: 'Starts a watch with what exists.' },
  { name: 'timeoutSeconds', type: 'integer', description: 'Ends the call after so long.' },
  { name: 'watch', type: 'boolean', description: 'Streams the changes.' },
];

const deleteParameters: readonly QueryParameter[] = [
  text('dryRun', 'All: nothing is persisted.'),
  { name: 'gracePeriodSeconds', type: 'integer', description: 'Time to end; 0 is at once.' },
  text('propagationPolicy', 'What happens to dependents: Orphan, Background or Foreground.'),
];

const forceParameter: QueryParameter = {
  name: 'force',
  type: 'boolean',
  description: 'Takes fields over from other managers; for apply patches only.',
};

/** `apps/v1` in the form of operation names: `AppsV1`. */
function idPart({ group, version }: KindDefinition): string {
  const first = group === '' ? 'core' : (group.split('.')[0] ?? group);
  return [first, version].map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}

/** Where a group version is served: `/api/v1` or `/apis/apps/v1`. */
export function basePath({ group, version }: { group: string; version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

export function groupVersionKind({ group, version, kind }: KindDefinition): GroupVersionKind {
  return { group, version, kind };
}

function collectionOperations(kind: KindDefinition, id: string): Operation[] {
  const gvk = groupVersionKind(kind);
  const named = { kind: gvk, result: kind.schema };
  return [
    {
      ...named,
      method: 'get',
      action: 'list',
      id: `list${id}`,
      description: `list or watch objects of kind ${kind.kind}`,
      query: listParameters,
      result: `${kind.schema}List`,
    },
    {
      ...named,
      method: 'post',
      action: 'post',
      id: `create${id}`,
      description: `create a ${kind.kind}`,
      query: writeParameters,
      body: kind.schema,
    },
    {
      ...named,
      method: 'delete',
      action: 'deletecollection',
      id: `deleteCollection${id}`,
      description: `delete collection of ${kind.kind}`,
      query: [...deleteParameters, ...listParameters.filter(({ name }) => name !== 'watch')],
      body: deleteOptionsSchema,
      result: statusSchema,
    },
  ];
}

/** Which object a URL serves, and how its operations are called. */
interface Target {
  readonly kind: GroupVersionKind;
  readonly schema: SchemaName;
  readonly id: string;
  /** `the specified Pod`, `status of the specified Pod` */
  readonly phrase: string;
}

function objectOperations({ kind, schema, id, phrase }: Target): Operation[] {
  const named = { kind, result: schema };
  return [
    {
      ...named,
      method: 'get',
      action: 'get',
      id: `read${id}`,
      description: `read ${phrase}`,
      query: [],
    },
    {
      ...named,
      method: 'put',
      action: 'put',
      id: `replace${id}`,
      description: `replace ${phrase}`,
      query: writeParameters,
      body: schema,
    },
    {
      ...named,
      method: 'patch',
      action: 'patch',
      id: `patch${id}`,
      description: `partially update ${phrase}`,
      query: [...writeParameters, forceParameter],
      body: patchSchema,
    },
  ];
}

function deletion(kind: KindDefinition, id: string): Operation {
  return {
    method: 'delete',
    action: 'delete',
    id: `delete${id}`,
    description: `delete a ${kind.kind}`,
    kind: groupVersionKind(kind),
    query: deleteParameters,
    body: deleteOptionsSchema,
    result: statusSchema,
  };
}

function subresources(kind: KindDefinition, url: string, id: string): Path[] {
  const paths: Path[] = [];
  const phrase = `of the specified ${kind.kind}`;
  if (kind.hasStatus) {
    const target = { kind: groupVersionKind(kind), schema: kind.schema, id: `${id}Status` };
    const operations = objectOperations({ ...target, phrase: `status ${phrase}` });
    paths.push({ url: `${url}/status`, operations });
  }
  if (kind.scale !== undefined) {
    const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    const target = { kind: scale, schema: scaleSchema, id: `${id}Scale` };
    const operations = objectOperations({ ...target, phrase: `scale ${phrase}` });
    paths.push({ url: `${url}/scale`, operations });
  }
  return paths;
}

/** Every URL of one kind, with its operations. */
export function pathsOf(kind: KindDefinition): Path[] {
  const base = basePath(kind);
  const scope = kind.namespaced ? '/namespaces/{namespace}' : '';
  const id = `${idPart(kind)}${kind.namespaced ? 'Namespaced' : ''}${kind.kind}`;
  const collection = `${base}${scope}/${kind.plural}`;
  const object = `${collection}/{name}`;
  const target = { kind: groupVersionKind(kind), schema: kind.schema, id };
  const operations = objectOperations({ ...target, phrase: `the specified ${kind.kind}` });
  const [list, ...others] = collectionOperations(kind, id);
  if (list === undefined) return [];
  const everywhere = { ...list, id: `list${idPart(kind)}${kind.kind}ForAllNamespaces` };
  return [
    ...(kind.namespaced ? [{ url: `${base}/${kind.plural}`, operations: [everywhere] }] : []),
    { url: collection, operations: [list, ...others] },
    { url: object, operations: [...operations, deletion(kind, id)] },
    ...subresources(kind, object, id),
  ];
}

/** The parameters in a URL, in order: `namespace`, `name`. */
export function urlParameters(url: string): string[] {
  return [...url.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}
