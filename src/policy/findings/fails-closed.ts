import type { Check } from './finding.ts';

/** Rules with a field of a later version of the API. */
export const failsClosed: Check = ({ rules }) =>
  rules
    .filter(({ isUnderstood }) => !isUnderstood)
    .map(({ field }) => ({
      code: 'RULE_FAILS_CLOSED',
      field,
      says: 'has a peer or protocol that is not known here: an Accept matches nothing, a Deny or Pass denies everything',
    }));
