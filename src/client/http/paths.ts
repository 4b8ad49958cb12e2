import type { Resource } from '../../kube/index.ts';
import type { ListOptions, ObjectRef } from '../client.ts';

type Address = Pick<Resource, 'group' | 'version' | 'plural' | 'namespaced'>;

/** `/api/v1/namespaces/default/pods`, `/apis/apps/v1/deployments`... */
export function collectionPath(resource: Address, namespace?: string): string {
  const group = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const within =
    resource.namespaced && namespace !== undefined && namespace !== ''
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : '';
  return `${group}/${resource.version}${within}/${resource.plural}`;
}

/** The path of one object, or of its subresource. */
export function objectPath(resource: Address, ref: ObjectRef, subresource?: string): string {
  const path = `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `?a=1&b=2`, without what is undefined; empty when nothing is left. */
export function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** The query of a list or watch. */
export function listQuery(options: ListOptions): Record<string, string | undefined> {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit?.toString(),
    continue: options.continue,
    resourceVersion: options.resourceVersion,
  };
}
