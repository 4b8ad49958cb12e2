import { getObject } from '../get.ts';
import type { IssueToken } from '../../authentication/token-request.ts';
import type { Subresource } from './subresource.ts';

/** Makes tokens of a ServiceAccount (TokenRequest). */
export function tokenSubresource(issue: IssueToken): Subresource {
  return {
    name: 'token',
    body: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
    verbs: ['create'],
    create: async (context, { target, object }) => issue(await getObject(context, target), object),
  };
}
