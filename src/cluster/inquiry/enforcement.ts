import type { Known } from '../../explain/index.ts';
import { cniOf } from '../cni-choice.ts';
import { readRecord } from '../record.ts';
import type { InquirySource } from './request.ts';

/** Of other clusters, and of those that manifests are for, it is taken that they enforce policies. */
export function enforcementOf(source: InquirySource): Pick<Known, 'unenforcedBy'> {
  const isOwn = source.files === undefined && source.context === undefined;
  const record = isOwn ? readRecord(source.directories) : undefined;
  if (record === undefined) return {};
  const { name, policyEnforcement } = cniOf(record);
  return policyEnforcement ? {} : { unenforcedBy: `--cni ${name}` };
}

/** What is to be said beside answers that tell what policies say, not what packets do. */
export function enforcementNotes(source: InquirySource): string[] {
  const { unenforcedBy } = enforcementOf(source);
  return unenforcedBy === undefined
    ? []
    : [`this is what policies say: they are accepted, not enforced (${unenforcedBy})`];
}
