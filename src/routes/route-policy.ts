import type { ParsedIngress } from './parse-ingress.ts';
import type { RoutePolicy } from './policy.ts';

/** ingress-nginx's `http-redirect-code`. */
const TO_HTTPS = 308;

const policies = new WeakMap<ParsedIngress, Map<boolean, RoutePolicy>>();

/** Whether an Ingress asks for TLS for a host. */
function hasTls({ ingress }: ParsedIngress, host: string): boolean {
  return (ingress.spec.tls ?? []).some(
    ({ hosts = [] }) => hosts.length === 0 || hosts.some((name) => name.toLowerCase() === host),
  );
}

/** What the annotations of an Ingress ask for each of its routes of a host; one object for all that are alike. */
export function policyOf(parsed: ParsedIngress, host: string): RoutePolicy {
  const { forceSslRedirect = false, sslRedirect = true } = parsed.wishes;
  const toHttps = forceSslRedirect || (sslRedirect && hasTls(parsed, host));
  const known = policies.get(parsed) ?? new Map<boolean, RoutePolicy>();
  policies.set(parsed, known);
  const policy = known.get(toHttps) ?? makePolicy(parsed, toHttps);
  known.set(toHttps, policy);
  return policy;
}

function makePolicy({ wishes, errorBackend }: ParsedIngress, toHttps: boolean): RoutePolicy {
  const customErrors =
    errorBackend === undefined || wishes.customErrors === undefined
      ? undefined
      : { statuses: wishes.customErrors, backendId: errorBackend.id };
  // The families of annotations always give the parts that a policy has to have.
  return {
    ...wishes.route,
    httpsRedirect: toHttps ? TO_HTTPS : undefined,
    customErrors,
    errorBackendId: errorBackend?.id,
  } as RoutePolicy;
}
