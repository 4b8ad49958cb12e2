import type { KindDefinition } from '../../kube/index.ts';
import { definitionsFor } from './definitions.ts';
import { tagOf } from './document-v3.ts';
import { referenceTo, type JsonSchema } from './json-schema.ts';
import { pathsOf, urlParameters, type Operation, type Path } from './operations.ts';

function operationDocument(operation: Operation, tag: string): JsonSchema {
  const { id, description, action, kind, query, body, result } = operation;
  const bodyParameter =
    body === undefined
      ? []
      : [{ name: 'body', in: 'body', required: true, schema: referenceTo(body, 'v2') }];
  const queryParameters = query.map(({ name, type, description: meaning }) => ({
    name,
    in: 'query',
    type,
    description: meaning,
    uniqueItems: true,
  }));
  return {
    tags: [tag],
    description,
    operationId: id,
    consumes: ['*/*'],
    produces: ['application/json', 'application/yaml'],
    parameters: [...bodyParameter, ...queryParameters],
    responses: {
      200: { description: 'OK', schema: referenceTo(result, 'v2') },
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  };
}

function pathDocument({ url, operations }: Path, tag: string): JsonSchema {
  const parameters = urlParameters(url).map((name) => ({
    name,
    in: 'path',
    type: 'string',
    required: true,
    description: name === 'namespace' ? 'The namespace of the object.' : 'The name of the object.',
    uniqueItems: true,
  }));
  const entries = operations.map((operation) => [
    operation.method,
    operationDocument(operation, tag),
  ]);
  return {
    ...(Object.fromEntries(entries) as JsonSchema),
    ...(parameters.length === 0 ? {} : { parameters }),
  };
}

/** The one OpenAPI v2 (Swagger) document, for kubectl before 1.28. */
export function buildV2(kinds: readonly KindDefinition[], version: string): JsonSchema {
  const paths = kinds.flatMap((kind) =>
    pathsOf(kind).map((path) => [path.url, pathDocument(path, tagOf(kind))]),
  );
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(paths) as JsonSchema,
    definitions: definitionsFor(kinds, 'v2'),
  };
}
