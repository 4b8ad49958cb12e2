import { PREFIX } from './annotations/reader.ts';
import type { Finding } from './contract.ts';
import type { ParsedIngress } from './parse-ingress.ts';
import type { SitePolicy } from './policy.ts';

/** The parts that annotations have a say in, by the annotation; the sentence says what is decided by it. */
export const sitePartAnnotations = {
  appRoot: { annotation: 'app-root', sentence: 'where / is sent' },
  clientCertificate: {
    annotation: 'auth-tls-secret',
    sentence: 'which client certificates are asked for',
  },
} as const satisfies Partial<
  Record<keyof SitePolicy, { readonly annotation: string; readonly sentence: string }>
>;

const parts = Object.keys(sitePartAnnotations) as (keyof typeof sitePartAnnotations)[];

/**
 * What holds for the whole host: of each part the oldest Ingress that has a say in it, so that nobody who adds a path to a
 * host takes off the client certificates that it asks for. Who says otherwise later is told.
 */
export function sitePolicyOf(
  host: string,
  oldestFirst: readonly ParsedIngress[],
): { readonly policy: SitePolicy; readonly findings: readonly Finding[] } {
  const decided = parts.map((part) => decide(host, oldestFirst, part));
  return {
    policy: Object.assign({}, ...decided.map(({ policy }) => policy)) as SitePolicy,
    findings: decided.flatMap(({ findings }) => findings),
  };
}

function decide(
  host: string,
  oldestFirst: readonly ParsedIngress[],
  part: keyof typeof sitePartAnnotations,
): { readonly policy: SitePolicy; readonly findings: readonly Finding[] } {
  const [first, ...others] = oldestFirst.filter(({ wishes }) => wishes.site[part] !== undefined);
  if (first === undefined) return { policy: {}, findings: [] };
  const wish = first.wishes.site[part];
  const { annotation, sentence } = sitePartAnnotations[part];
  const where = host === '' ? 'every host without a rule' : `host "${host}"`;
  const message = `the older Ingress ${first.key} decides for ${where} ${sentence}: this is ignored`;
  const field = `metadata.annotations[${PREFIX}${annotation}]`;
  const losers = others.filter(({ wishes }) => !isSame(wishes.site[part], wish));
  return {
    policy: { [part]: wish },
    findings: losers.map(({ key }) => ({
      ingress: key,
      code: 'HOST_POLICY_CONFLICT',
      field,
      message,
    })),
  };
}

/** Parts are texts and flat objects, which one place makes. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
