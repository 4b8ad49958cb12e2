import type { AnyObject } from '../../kube/index.ts';
import { mastersGroup, type User } from '../authentication/user.ts';
import { isPath, type Attributes } from './attributes.ts';
import { ruleAllows, type PolicyRule } from './policy-rule.ts';

/** `rbac/v1 Subject`. */
interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface RoleBinding extends AnyObject {
  readonly subjects?: readonly Subject[];
  readonly roleRef: { readonly kind: string; readonly name: string };
}

interface Role extends AnyObject {
  readonly rules?: readonly PolicyRule[] | null;
}

type RbacPlural = 'roles' | 'rolebindings' | 'clusterroles' | 'clusterrolebindings';

/** Reads the objects of the rbac group. */
export interface RbacReader {
  list(plural: RbacPlural, namespace?: string): Promise<readonly AnyObject[]>;
  get(plural: RbacPlural, name: string, namespace?: string): Promise<AnyObject | undefined>;
}

/** The answer to a request, with what decided it. */
export interface Decision {
  readonly isAllowed: boolean;
  /** As `kubectl auth can-i` shows it; empty when nothing speaks for the request. */
  readonly reason: string;
}

function isSubject(subject: Subject, user: User, namespace: string | undefined): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === user.name;
    case 'Group':
      return user.groups.includes(subject.name);
    case 'ServiceAccount': {
      const home = subject.namespace ?? namespace ?? '';
      return `system:serviceaccount:${home}:${subject.name}` === user.name;
    }
    default:
      return false;
  }
}

function describe(binding: RoleBinding, subject: Subject): string {
  const { name, namespace } = binding.metadata;
  const bound =
    namespace === undefined ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${namespace}"`;
  const home = subject.namespace === undefined ? '' : `/${subject.namespace}`;
  const { roleRef } = binding;
  return `RBAC: allowed by ${bound} of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${subject.name}${home}"`;
}

/** Role-based access control over the stored roles and bindings. */
export class Authorizer {
  private readonly reader: RbacReader;

  constructor(reader: RbacReader) {
    this.reader = reader;
  }

  async decide(user: User, attributes: Attributes): Promise<Decision> {
    if (user.groups.includes(mastersGroup)) return { isAllowed: true, reason: '' };
    const namespace = isPath(attributes) ? '' : attributes.namespace;
    for await (const { binding, subject, rules } of this.grants(user, namespace)) {
      if (rules.some((rule) => ruleAllows(rule, attributes))) {
        return { isAllowed: true, reason: describe(binding, subject) };
      }
    }
    return { isAllowed: false, reason: '' };
  }

  /** All rules that hold for the user in a namespace, cluster-wide ones included. */
  async rulesFor(user: User, namespace: string): Promise<readonly PolicyRule[]> {
    if (user.groups.includes(mastersGroup)) {
      return [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ];
    }
    const found: PolicyRule[] = [];
    for await (const { rules } of this.grants(user, namespace)) found.push(...rules);
    return found;
  }

  private async *grants(
    user: User,
    namespace: string,
  ): AsyncGenerator<{ binding: RoleBinding; subject: Subject; rules: readonly PolicyRule[] }> {
    const bindings = [
      ...(await this.reader.list('clusterrolebindings')),
      ...(namespace === '' ? [] : await this.reader.list('rolebindings', namespace)),
    ] as RoleBinding[];
    for (const binding of bindings) {
      const subject = binding.subjects?.find((one) =>
        isSubject(one, user, binding.metadata.namespace),
      );
      if (subject !== undefined) yield { binding, subject, rules: await this.rulesOf(binding) };
    }
  }

  /** A binding to a role that is not there grants nothing. */
  private async rulesOf(binding: RoleBinding): Promise<readonly PolicyRule[]> {
    const { kind, name } = binding.roleRef;
    const role: Role | undefined =
      kind === 'Role'
        ? await this.reader.get('roles', name, binding.metadata.namespace)
        : await this.reader.get('clusterroles', name);
    return role?.rules ?? [];
  }
}
