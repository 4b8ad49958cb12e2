import { ApiError, qualifiedName } from '../../kube/index.ts';
import type { User } from '../authentication/user.ts';

/** What a request wants to do to a resource. */
export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  /** Plural; `*` means all. */
  readonly resource: string;
  readonly subresource: string;
  /** Empty: cluster-scoped, or all namespaces. */
  readonly namespace: string;
  /** Empty: the collection. */
  readonly name: string;
}

/** What a request wants of a path that is no resource, such as `/version`. */
export interface PathAttributes {
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

export function isPath(attributes: Attributes): attributes is PathAttributes {
  return 'path' in attributes;
}

/** `pods` or `pods/log`, as roles write it. */
export function resourceText({ resource, subresource }: ResourceAttributes): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

function wish(user: User, attributes: ResourceAttributes): string {
  const where =
    attributes.namespace === ''
      ? 'at the cluster scope'
      : `in the namespace "${attributes.namespace}"`;
  return (
    `User "${user.name}" cannot ${attributes.verb} resource "${resourceText(attributes)}" ` +
    `in API group "${attributes.group}" ${where}`
  );
}

/** The 403 that kubectl users know (`responsewriters/errors.go`). */
export function forbidden(user: User, attributes: Attributes): ApiError {
  if (isPath(attributes)) {
    const { verb, path } = attributes;
    return new ApiError(
      'Forbidden',
      `forbidden: User "${user.name}" cannot ${verb} path "${path}"`,
      {},
    );
  }
  const { group, name } = attributes;
  const what = qualifiedName({ group, plural: resourceText(attributes) });
  const named = name === '' ? what : `${what} "${name}"`;
  return new ApiError('Forbidden', `${named} is forbidden: ${wish(user, attributes)}`, {
    ...(name === '' ? {} : { name }),
    group,
    kind: attributes.resource,
  });
}
