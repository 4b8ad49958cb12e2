import type { KindDefinition } from '../../kube/index.ts';
import { definitionsFor } from './definitions.ts';
import { referenceTo, type JsonSchema } from './json-schema.ts';
import { pathsOf, patchSchema, urlParameters, type Operation, type Path } from './operations.ts';

/** Media types of a PATCH body; everything else is JSON or YAML. */
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];

/** What the operations of one kind have in common. */
interface OfKind {
  readonly tag: string;
  readonly patchTypes: readonly string[];
}

/** Custom resources know no strategic merge; kubectl reads here what it may send. */
function factsOf(kind: KindDefinition): OfKind {
  const strategic = kind.structural === undefined ? ['application/strategic-merge-patch+json'] : [];
  return { tag: tagOf(kind), patchTypes: [...patchTypes, ...strategic] };
}

function content(schema: string, types: readonly string[]): JsonSchema {
  return Object.fromEntries(types.map((type) => [type, { schema: referenceTo(schema, 'v3') }]));
}

function operationDocument(operation: Operation, ofKind: OfKind): JsonSchema {
  const { id, description, action, kind, query, body, result } = operation;
  const types = body === patchSchema ? ofKind.patchTypes : ['application/json', 'application/yaml'];
  return {
    tags: [ofKind.tag],
    description,
    operationId: id,
    ...(query.length === 0
      ? {}
      : {
          parameters: query.map(({ name, type, description: meaning }) => ({
            name,
            in: 'query',
            description: meaning,
            schema: { type, uniqueItems: true },
          })),
        }),
    ...(body === undefined ? {} : { requestBody: { content: content(body, types) } }),
    responses: {
      200: {
        description: 'OK',
        content: content(result, ['application/json', 'application/yaml']),
      },
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  };
}

function pathDocument({ url, operations }: Path, ofKind: OfKind): JsonSchema {
  const parameters = urlParameters(url).map((name) => ({
    name,
    in: 'path',
    required: true,
    description: name === 'namespace' ? 'The namespace of the object.' : 'The name of the object.',
    schema: { type: 'string', uniqueItems: true },
  }));
  const entries = operations.map((operation) => [
    operation.method,
    operationDocument(operation, ofKind),
  ]);
  return {
    ...(Object.fromEntries(entries) as JsonSchema),
    ...(parameters.length === 0 ? {} : { parameters }),
  };
}

/** `core_v1`, `apps_v1`: how Kubernetes tags the operations of a group version. */
export function tagOf({ group, version }: KindDefinition): string {
  const name = group === '' ? 'core' : (group.split('.')[0] ?? group);
  return `${name}_${version}`;
}

/** The OpenAPI v3 document of one group version. */
export function buildV3(kinds: readonly KindDefinition[], version: string): JsonSchema {
  const paths = kinds.flatMap((kind) =>
    pathsOf(kind).map((path) => [path.url, pathDocument(path, factsOf(kind))]),
  );
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(paths) as JsonSchema,
    components: { schemas: definitionsFor(kinds, 'v3') },
  };
}
