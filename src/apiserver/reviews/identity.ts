import { badRequest, type AnyObject } from '../../kube/index.ts';
import type { ServiceAccountTokens } from '../authentication/service-account-tokens.ts';
import type { User } from '../authentication/user.ts';
import type { Review } from './review.ts';

const base = { group: 'authentication.k8s.io', version: 'v1', namespaced: false } as const;

/** `authentication/v1 UserInfo` */
function userInfo({ name, uid, groups, extra }: User): Record<string, unknown> {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  };
}

async function reviewToken(
  tokens: ServiceAccountTokens,
  question: AnyObject,
): Promise<Record<string, unknown>> {
  const { token = '', audiences = [] } = (question['spec'] ?? {}) as {
    token?: string;
    audiences?: string[];
  };
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const wanted = audiences.length === 0 ? [tokens.issuer] : audiences;
  const identity = await tokens.identify(token);
  const shared = wanted.filter((audience) => identity?.audiences.includes(audience));
  if (identity === undefined || shared.length === 0) {
    return {
      user: {},
      error:
        'the token is not valid: it is forged, expired, for another audience, or its owner is gone',
    };
  }
  return { authenticated: true, user: userInfo(identity.user), audiences: shared };
}

/** The questions of authentication.k8s.io: who am I, and whose is this token? */
export function identityReviews(tokens: ServiceAccountTokens): readonly Review[] {
  return [
    {
      ...base,
      kind: 'SelfSubjectReview',
      plural: 'selfsubjectreviews',
      review: async (_question, asker) => ({ userInfo: userInfo(asker) }),
    },
    {
      ...base,
      kind: 'TokenReview',
      plural: 'tokenreviews',
      review: (question) => reviewToken(tokens, question),
    },
  ];
}
