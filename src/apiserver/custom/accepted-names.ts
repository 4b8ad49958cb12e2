import type { ConditionState, CustomResourceDefinition } from '../../kube/index.ts';

/** The names that a kind of a group already has. */
export interface TakenNames {
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames?: readonly string[];
}

function resourceNames(names: Pick<TakenNames, 'plural' | 'singular' | 'shortNames'>): string[] {
  return [names.plural, names.singular, ...(names.shortNames ?? [])];
}

/** The condition `NamesAccepted`: no other kind of the group may have one of the names. */
export function namesAccepted(
  { spec }: CustomResourceDefinition,
  others: readonly TakenNames[],
): ConditionState {
  const sameGroup = others.filter(({ group }) => group === spec.group);
  const { kind, plural, singular = kind.toLowerCase(), shortNames = [] } = spec.names;
  const wanted = resourceNames({ plural, singular, shortNames });
  const taken = wanted.find((name) =>
    sameGroup.some((other) => resourceNames(other).includes(name)),
  );
  if (taken !== undefined) return conflict(taken);
  if (sameGroup.some((other) => other.kind === kind)) return conflict(kind);
  return {
    type: 'NamesAccepted',
    status: 'True',
    reason: 'NoConflicts',
    message: 'no conflicts found',
  };
}

function conflict(name: string): ConditionState {
  return {
    type: 'NamesAccepted',
    status: 'False',
    reason: 'NamesConflict',
    message: `${JSON.stringify(name)} is already in use`,
  };
}

/** The condition `Established`, which follows from accepted names. */
export function established(names: ConditionState): ConditionState {
  return names.status === 'True'
    ? {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      }
    : {
        type: 'Established',
        status: 'False',
        reason: 'NotAccepted',
        message: 'not all names are accepted',
      };
}
