import { badRequest, FieldPath, fieldInvalid, invalid, type AnyObject } from '../../kube/index.ts';
import type { User } from '../authentication/user.ts';
import type { Attributes } from '../authorization/attributes.ts';
import type { Authorizer } from '../authorization/rbac.ts';
import type { Review } from './review.ts';

/** What the three access reviews ask, besides of whom. */
interface AccessSpec {
  readonly resourceAttributes?: Readonly<Record<string, string | undefined>>;
  readonly nonResourceAttributes?: Readonly<Record<string, string | undefined>>;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
}

const group = 'authorization.k8s.io';
const version = 'v1';

function attributesOf(spec: AccessSpec, kind: string): Attributes {
  const { resourceAttributes: wanted, nonResourceAttributes: path } = spec;
  if ((wanted === undefined) === (path === undefined)) {
    const field = new FieldPath('spec').child('resourceAttributes');
    throw invalid({ group, kind }, '', [
      fieldInvalid(
        field,
        wanted ?? null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ]);
  }
  if (path !== undefined) return { verb: path['verb'] ?? '', path: path['path'] ?? '' };
  return {
    verb: wanted?.['verb'] ?? '',
    group: wanted?.['group'] ?? '',
    resource: wanted?.['resource'] ?? '',
    subresource: wanted?.['subresource'] ?? '',
    namespace: wanted?.['namespace'] ?? '',
    name: wanted?.['name'] ?? '',
  };
}

function specOf(question: AnyObject): AccessSpec {
  return question['spec'] ?? {};
}

function subjectOf(spec: AccessSpec, kind: string): User {
  const { user = '', groups = [], uid } = spec;
  if (user === '' && groups.length === 0) {
    throw invalid({ group, kind }, '', [
      fieldInvalid(
        new FieldPath('spec').child('user'),
        user,
        'at least one of user or group must be specified',
      ),
    ]);
  }
  return { name: user, groups, ...(uid === undefined ? {} : { uid }) };
}

async function statusOf(
  authorizer: Authorizer,
  user: User,
  attributes: Attributes,
): Promise<Record<string, unknown>> {
  const { isAllowed, reason } = await authorizer.decide(user, attributes);
  return { allowed: isAllowed, ...(reason === '' ? {} : { reason }) };
}

/** The questions of authorization.k8s.io: may this user do that? */
export function accessReviews(authorizer: Authorizer): readonly Review[] {
  const base = { group, version } as const;
  return [
    {
      ...base,
      kind: 'LocalSubjectAccessReview',
      plural: 'localsubjectaccessreviews',
      namespaced: true,
      review: (question, _asker, namespace) => {
        const spec = specOf(question);
        if ((spec.resourceAttributes?.['namespace'] ?? namespace) !== namespace) {
          throw badRequest(
            'spec.resourceAttributes.namespace must match the namespace of the request',
          );
        }
        const user = subjectOf(spec, 'LocalSubjectAccessReview');
        return statusOf(authorizer, user, attributesOf(spec, 'LocalSubjectAccessReview'));
      },
    },
    {
      ...base,
      kind: 'SelfSubjectAccessReview',
      plural: 'selfsubjectaccessreviews',
      namespaced: false,
      review: (question, asker) =>
        statusOf(authorizer, asker, attributesOf(specOf(question), 'SelfSubjectAccessReview')),
    },
    {
      ...base,
      kind: 'SelfSubjectRulesReview',
      plural: 'selfsubjectrulesreviews',
      namespaced: false,
      review: (question, asker) => rulesStatus(authorizer, question, asker),
    },
    {
      ...base,
      kind: 'SubjectAccessReview',
      plural: 'subjectaccessreviews',
      namespaced: false,
      review: (question) => {
        const spec = specOf(question);
        const user = subjectOf(spec, 'SubjectAccessReview');
        return statusOf(authorizer, user, attributesOf(spec, 'SubjectAccessReview'));
      },
    },
  ];
}

async function rulesStatus(
  authorizer: Authorizer,
  question: AnyObject,
  asker: User,
): Promise<Record<string, unknown>> {
  const { namespace = '' } = (question['spec'] ?? {}) as { namespace?: string };
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = await authorizer.rulesFor(asker, namespace);
  return {
    resourceRules: rules.filter((rule) => (rule.resources ?? []).length > 0),
    nonResourceRules: rules.filter((rule) => (rule.nonResourceURLs ?? []).length > 0),
    incomplete: false,
  };
}
