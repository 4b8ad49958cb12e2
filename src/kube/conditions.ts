import { timestamp, type Clock } from '../clock/index.ts';
import type { Condition } from './meta.ts';

export function conditionOf(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(
  conditions: readonly Condition[] | undefined,
  type: string,
): boolean {
  return conditionOf(conditions, type)?.status === 'True';
}

/** A condition as a controller states it; the times are kept by {@link withCondition}. */
export type ConditionState = Omit<Condition, 'lastTransitionTime'>;

/**
 * Returns the conditions with `next` in the place of the one of its type, or appended.
 * `lastTransitionTime` moves only when the status changed.
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  next: ConditionState,
  clock: Clock,
): Condition[] {
  const existing = conditionOf(conditions, next.type);
  const isUnchanged = existing?.status === next.status;
  const lastTransitionTime =
    (isUnchanged ? existing?.lastTransitionTime : undefined) ?? timestamp(clock);
  const written: Condition = { ...next, lastTransitionTime };
  if (existing === undefined) return [...(conditions ?? []), written];
  return (conditions ?? []).map((condition) => (condition === existing ? written : condition));
}

/** The conditions without the one of this type. */
export function withoutCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
