import { isConditionTrue, type Job } from '../../kube/index.ts';

/** When a finished Job is to be deleted (`ttlSecondsAfterFinished`): milliseconds since the epoch; undefined for never. */
export function removalAt({ spec, status }: Job): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined) return undefined;
  const end = ['Complete', 'Failed']
    .filter((type) => isConditionTrue(status?.conditions, type))
    .map((type) => status?.conditions?.find((condition) => condition.type === type))
    .at(0)?.lastTransitionTime;
  return end === undefined ? undefined : Date.parse(end) + spec.ttlSecondsAfterFinished * 1000;
}
