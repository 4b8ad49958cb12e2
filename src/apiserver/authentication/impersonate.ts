import type { IncomingHttpHeaders } from 'node:http';
import { badRequest } from '../../kube/index.ts';
import type { ResourceAttributes } from '../authorization/attributes.ts';
import { authenticatedGroup, mastersGroup, type User } from './user.ts';

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  // node joins repeated headers of names that it does not know.
  return typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value;
}

/** Every service account is in two groups besides that of all who are somebody. */
function impliedGroups(name: string): readonly string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name) ?? [];
  if (namespace === undefined) return [];
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** Whom `kubectl --as` and `--as-group` ask to be; undefined when nobody. @throws ApiError `BadRequest` */
export function impersonated(headers: IncomingHttpHeaders): User | undefined {
  const name = headers['impersonate-user'];
  const groups = listOf(headers['impersonate-group']);
  if (typeof name !== 'string') {
    if (groups.length > 0) throw badRequest('requested groups without impersonating a user');
    return undefined;
  }
  const stated = groups.length > 0 ? groups : impliedGroups(name);
  const all = new Set([...stated, authenticatedGroup]);
  return { name, groups: [...all] };
}

/** What the caller must be allowed to do to become the user. */
export function impersonationAttributes({ name, groups }: User): ResourceAttributes[] {
  const base = { verb: 'impersonate', group: '', subresource: '' };
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? [];
  const who =
    namespace === undefined || account === undefined
      ? { ...base, resource: 'users', namespace: '', name }
      : { ...base, resource: 'serviceaccounts', namespace, name: account };
  const implied = [...impliedGroups(name), authenticatedGroup];
  const asked = groups.filter((one) => one === mastersGroup || !implied.includes(one));
  return [who, ...asked.map((one) => ({ ...base, resource: 'groups', namespace: '', name: one }))];
}
