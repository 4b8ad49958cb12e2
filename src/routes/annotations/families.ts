import { accessFamily } from './access.ts';
import { balancingFamily, canaryFamily } from './balancing.ts';
import { corsFamily } from './cors.ts';
import { clientCertificateFamily, externalAuthFamily, passwordFamily } from './credentials.ts';
import type { Family, References, Wish, Wishes } from './family.ts';
import { errorsFamily, headersFamily, proxyFamily } from './proxy.ts';
import { AnnotationReader, type Report } from './reader.ts';
import { redirectFamily } from './redirect.ts';
import { rewriteFamily } from './rewrite.ts';
import { refused } from './unhonoured.ts';

/** All that is honoured, by family, in the order of the documentation. */
export const families: Readonly<Record<string, Family>> = {
  'Paths and hosts': rewriteFamily,
  Redirects: redirectFamily,
  Canaries: canaryFamily,
  'Who may come': accessFamily,
  CORS: corsFamily,
  Passwords: passwordFamily,
  'External authentication': externalAuthFamily,
  'Client certificates': clientCertificateFamily,
  'Choice of the endpoint': balancingFamily,
  'Towards the upstream': proxyFamily,
  Errors: errorsFamily,
  'Headers, copies, passthrough': headersFamily,
};

const honoured = new Set(Object.values(families).flatMap(({ honours }) => Object.keys(honours)));

/** Reads all annotations of one Ingress; what is not honoured is reported. */
export function readAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  references: References,
  report: Report,
): Wishes {
  const reader = new AnnotationReader(annotations, report);
  for (const name of reader.names()) {
    if (honoured.has(name)) continue;
    const why = Object.hasOwn(refused, name) ? refused[name] : undefined;
    if (why === undefined)
      report('ANNOTATION_UNKNOWN', name, 'no annotation of this name is known');
    else report('ANNOTATION_REFUSED', name, `not honoured: ${why}`);
  }
  return Object.values(families)
    .map((family) => family.read(reader, references))
    .reduce<Wishes>(merge, { route: {}, site: {} });
}

function merge(all: Wishes, wish: Wish): Wishes {
  return {
    ...all,
    ...wish,
    route: { ...all.route, ...wish.route },
    site: { ...all.site, ...wish.site },
  };
}
