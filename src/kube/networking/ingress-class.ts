import { ageColumn, column, nameColumn, none } from '../columns.ts';
import {
  checkImmutable,
  checkOptionalEnum,
  checkOptionalText,
  checkRequiredText,
  checkText,
} from '../checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  FieldPath,
  fieldTooLong,
  type FieldError,
} from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';
import { dns1123Label, dns1123Subdomain, pathSegmentName } from '../names.ts';
import { withSpec } from '../with-spec.ts';

export interface IngressClassParameters {
  apiGroup?: string;
  kind: string;
  name: string;
  scope?: 'Cluster' | 'Namespace';
  namespace?: string;
}

/** `networking.k8s.io/v1 IngressClass`. */
export interface IngressClass extends KubeObject {
  spec: { controller?: string; parameters?: IngressClassParameters };
}

const longestController = 250;

/** `IsDomainPrefixedPath`: a domain, a slash and a path. */
function controllerErrors(controller: string, path: FieldPath): FieldError[] {
  if (controller === '') return [fieldRequired(path)];
  if (controller.length > longestController) return [fieldTooLong(path, longestController)];
  const slash = controller.indexOf('/');
  if (slash < 1 || slash === controller.length - 1) {
    const message = 'must be a domain-prefixed path (such as "acme.io/foo")';
    return [fieldInvalid(path, controller, message)];
  }
  return dns1123Subdomain(controller.slice(0, slash)).map((message) =>
    fieldInvalid(path, controller, message),
  );
}

function parameterErrors(parameters: IngressClassParameters, path: FieldPath): FieldError[] {
  const { apiGroup, kind, name, scope } = parameters;
  return [
    ...checkOptionalText(path.child('apiGroup'), apiGroup, dns1123Subdomain),
    ...checkRequiredText(path.child('kind'), kind, pathSegmentName),
    ...checkRequiredText(path.child('name'), name, pathSegmentName),
    ...checkOptionalEnum(path.child('scope'), scope, ['Cluster', 'Namespace']),
    ...namespaceErrors(parameters, path.child('namespace')),
  ];
}

function namespaceErrors(
  { scope, namespace }: IngressClassParameters,
  path: FieldPath,
): FieldError[] {
  if (scope === 'Namespace') {
    return namespace === undefined
      ? [fieldRequired(path, "`parameters.scope` is set to 'Namespace'")]
      : checkText(path, namespace, dns1123Label);
  }
  return scope === 'Cluster' && namespace !== undefined
    ? [fieldForbidden(path, "`parameters.scope` is set to 'Cluster'")]
    : [];
}

function formatParameters(parameters: IngressClassParameters | undefined): string {
  if (parameters === undefined) return none;
  const { apiGroup, kind, name } = parameters;
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}

export const ingressClassKind: KindDefinition<IngressClass> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.IngressClass',
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    column(
      'Controller',
      'The controller that serves the class.',
      ({ spec }) => spec.controller ?? '',
    ),
    column('Parameters', 'The object with further configuration.', ({ spec }) =>
      formatParameters(spec.parameters),
    ),
    ageColumn,
  ],
  defaults: withSpec(({ spec }) => {
    if (spec.parameters !== undefined) spec.parameters.scope ??= 'Cluster';
  }),
  validate: ({ spec }, path) => [
    ...controllerErrors(spec.controller ?? '', path.child('spec', 'controller')),
    ...(spec.parameters === undefined
      ? []
      : parameterErrors(spec.parameters, path.child('spec', 'parameters'))),
  ],
  validateUpdate: (next, previous) =>
    checkImmutable(
      new FieldPath('spec.controller'),
      next.spec.controller,
      previous.spec.controller,
    ),
};
