import type { Finding } from './contract.ts';

/** More than an author reads at once. */
const LIMIT = 10;

/**
 * Findings as authors are told them: those that say the same of several fields are one, and no end of them is cut short.
 * An Ingress may have ten thousand rules that are all wrong.
 */
export function summariseFindings(findings: readonly Finding[]): Finding[] {
  const alike = Map.groupBy(findings, ({ code, message }) => `${code} ${message}`);
  const told = Array.from(alike.values(), ([first, ...others]) =>
    others.length === 0 || first === undefined
      ? first
      : { ...first, field: `${first.field} and ${others.length} more` },
  ).filter((finding) => finding !== undefined);
  const [, ...rest] = told.slice(LIMIT - 1);
  if (rest.length === 0) return told;
  const { ingress } = told[0] ?? { ingress: '' };
  const message = `${rest.length + 1} more problems, not told one by one`;
  return [...told.slice(0, LIMIT - 1), { ingress, code: 'MORE_FINDINGS', field: 'spec', message }];
}
