/** Who makes a request (`authentication/v1 UserInfo`). */
export interface User {
  /** `kubernetes-admin`, `system:serviceaccount:NAMESPACE:NAME`, `system:anonymous`. */
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** The group that may do everything, whatever RBAC says. */
export const mastersGroup = 'system:masters';
export const authenticatedGroup = 'system:authenticated';
export const unauthenticatedGroup = 'system:unauthenticated';

/** Who nobody claims to be. */
export const anonymous: User = { name: 'system:anonymous', groups: [unauthenticatedGroup] };

/** The API server and what runs inside its process. */
export const loopbackUser: User = {
  name: 'system:apiserver',
  groups: [mastersGroup, authenticatedGroup],
};
