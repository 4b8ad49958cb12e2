import type { RequestReason } from './contract.ts';

/** What an author may be told of an Ingress, and what is done about it meanwhile. Stable; docs/ingress.md has this table. */
export const findingCodes = {
  ANNOTATION_INVALID: 'its value is none of its type; the annotation is ignored',
  ANNOTATION_REFUSED:
    'it is known and not honoured, for the reason below; the route works without it',
  ANNOTATION_UNKNOWN: 'no such annotation; it is ignored',
  CANARY_CONFLICT: 'the path has a canary already; the older one takes part',
  CANARY_WITHOUT_PRIMARY: 'no other Ingress has host and path of a canary; it gets no requests',
  CERTIFICATE_FOR_OTHER_HOST:
    'the certificate has other names; it answers, and clients will refuse it',
  CLASS_NOT_FOUND: 'no such IngressClass; nothing routes the Ingress',
  EXPRESSION_INVALID: 'the path is no regular expression; this path is left out',
  HOST_PATH_CONFLICT: 'an older Ingress has host and path; this path is left out',
  HOST_POLICY_CONFLICT:
    'an older Ingress of the host has the annotation, which is for the whole host; this one is ignored',
  MORE_FINDINGS: 'there is more than is told one by one',
  NO_CONTROLLER: 'the cluster has no IngressClass at all; nothing routes the Ingress',
  PORT_NOT_FOUND: 'the Service has no such port; 503',
  REFERENCE_NOT_FOUND: 'a Secret or ConfigMap that an annotation names is not there',
  REFERENCE_REFUSED:
    'an annotation names a Secret or ConfigMap of another namespace; it counts as missing',
  RESOURCE_NOT_SUPPORTED: 'a backend that is no Service; 503',
  SECRET_INVALID: 'the Secret is no certificate with its key; the self-signed one answers',
  SECRET_NOT_FOUND: 'the Secret is not there; the self-signed certificate answers',
  SERVICE_NOT_FOUND: 'the Service is not there; 503 until it is',
} as const;

export type FindingCode = keyof typeof findingCodes;

/** What becomes of a request: in the access log, and in what `portolan explain` tells. */
export const requestReasons: Readonly<Record<RequestReason, string>> = {
  FORWARDED: 'an endpoint of the rule’s Service was asked',
  FORWARDED_TO_CANARY: 'an endpoint of the canary’s Service was asked',
  DEFAULT_BACKEND: 'the default backend was asked',
  NO_ROUTE: 'no rule matches: 404',
  NO_UPSTREAM: 'the Service is missing or has no endpoint: 503',
  REDIRECTED_TO_HTTPS: 'the host has TLS: 308',
  REDIRECTED: 'an annotation, or a missing slash at the end, sends it elsewhere',
  ADDRESS_NOT_ALLOWED: 'a list of addresses keeps the client out: 403',
  BAD_REQUEST: 'path or host are none: 400',
};
