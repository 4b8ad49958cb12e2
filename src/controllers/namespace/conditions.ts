import type { Clock } from '../../clock/index.ts';
import { withCondition, type Condition, type ConditionState } from '../../kube/index.ts';
import type { Remains } from './empty-namespace.ts';

function listText(
  counts: ReadonlyMap<string, number>,
  text: (name: string, count: number) => string,
): string {
  return [...counts]
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([name, count]) => text(name, count))
    .join(', ');
}

function remaining({ resources }: Remains): ConditionState {
  const type = 'NamespaceContentRemaining';
  if (resources.size === 0)
    return {
      type,
      status: 'False',
      reason: 'ContentRemoved',
      message: 'All content successfully removed',
    };
  const list = listText(resources, (name, count) => `${name} has ${count} resource instances`);
  return {
    type,
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: `Some resources are remaining: ${list}`,
  };
}

function held({ finalizers }: Remains): ConditionState {
  const type = 'NamespaceFinalizersRemaining';
  if (finalizers.size === 0)
    return {
      type,
      status: 'False',
      reason: 'ContentHasNoFinalizers',
      message: 'All content-preserving finalizers finished',
    };
  const list = listText(finalizers, (name, count) => `${name} in ${count} resource instances`);
  return {
    type,
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${list}`,
  };
}

function failure({ failures }: Remains): ConditionState {
  const type = 'NamespaceDeletionContentFailure';
  if (failures.length === 0)
    return {
      type,
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    };
  return {
    type,
    status: 'True',
    reason: 'ContentDeletionFailed',
    message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`,
  };
}

const discovered: readonly ConditionState[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    status: 'False',
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    status: 'False',
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
];

/** The conditions by which a terminating namespace says what it waits for, with Kubernetes' texts. */
export function terminationConditions(
  existing: readonly Condition[] | undefined,
  remains: Remains,
  clock: Clock,
): Condition[] {
  const states = [...discovered, failure(remains), remaining(remains), held(remains)];
  return states.reduce<Condition[]>(
    (conditions, state) => withCondition(conditions, state, clock),
    [...(existing ?? [])],
  );
}
