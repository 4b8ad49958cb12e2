import { checkPresent, checkText } from '../checks.ts';
import {
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  type FieldError,
  type FieldPath,
} from '../field-error.ts';
import { dns1123Label, qualifiedName } from '../names.ts';
import { validateLabelSelector } from '../validate-selector.ts';
import type {
  Affinity,
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from './affinity.ts';

const requiredField = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredField = 'preferredDuringSchedulingIgnoredDuringExecution';

export function validateAffinity(affinity: Affinity | undefined, path: FieldPath): FieldError[] {
  if (affinity === undefined) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  return [
    ...(nodeAffinity === undefined
      ? []
      : validateNodeAffinity(nodeAffinity, path.child('nodeAffinity'))),
    ...(podAffinity === undefined
      ? []
      : validatePodAffinity(podAffinity, path.child('podAffinity'))),
    ...(podAntiAffinity === undefined
      ? []
      : validatePodAffinity(podAntiAffinity, path.child('podAntiAffinity'))),
  ];
}

function validateNodeAffinity(affinity: NodeAffinity, path: FieldPath): FieldError[] {
  const required = affinity[requiredField];
  const terms = path.child(requiredField, 'nodeSelectorTerms');
  const errors =
    required !== undefined && (required.nodeSelectorTerms ?? []).length === 0
      ? [fieldRequired(terms, 'must have at least one node selector term')]
      : (required?.nodeSelectorTerms ?? []).flatMap((term, position) =>
          validateNodeTerm(term, terms.index(position)),
        );
  const preferred = (affinity[preferredField] ?? []).flatMap(({ weight, preference }, position) => {
    const at = path.child(preferredField).index(position);
    return [
      ...checkWeight(weight, at.child('weight')),
      ...validateNodeTerm(preference ?? {}, at.child('preference')),
    ];
  });
  return [...errors, ...preferred];
}

function checkWeight(weight: number, path: FieldPath): FieldError[] {
  return weight >= 1 && weight <= 100
    ? []
    : [fieldInvalid(path, weight, 'must be in the range 1-100')];
}

function validateNodeTerm(term: NodeSelectorTerm, path: FieldPath): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((requirement, position) => {
      const at = path.child('matchExpressions').index(position);
      return [
        ...checkText(at.child('key'), requirement.key, qualifiedName),
        ...checkOperator(requirement, at),
      ];
    }),
    ...(term.matchFields ?? []).flatMap((requirement, position) => {
      const at = path.child('matchFields').index(position);
      return requirement.key === 'metadata.name'
        ? []
        : [fieldInvalid(at.child('key'), requirement.key, 'not a valid field selector key')];
    }),
  ];
}

function checkOperator(requirement: NodeSelectorRequirement, path: FieldPath): FieldError[] {
  const { operator, values = [] } = requirement;
  const at = path.child('values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [fieldRequired(at, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [
            fieldForbidden(
              at,
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          ];
    case 'Gt':
    case 'Lt':
      return values.length === 1
        ? []
        : [fieldRequired(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [fieldInvalid(path.child('operator'), operator, 'not a valid selector operator')];
  }
}

function validatePodAffinity(affinity: PodAffinity, path: FieldPath): FieldError[] {
  const required = (affinity[requiredField] ?? []).flatMap((term, position) =>
    validatePodTerm(term, path.child(requiredField).index(position)),
  );
  const preferred = (affinity[preferredField] ?? []).flatMap(
    ({ weight, podAffinityTerm }, position) => {
      const at = path.child(preferredField).index(position);
      return [
        ...checkWeight(weight, at.child('weight')),
        ...(podAffinityTerm === undefined
          ? [fieldRequired(at.child('podAffinityTerm'))]
          : validatePodTerm(podAffinityTerm, at.child('podAffinityTerm'))),
      ];
    },
  );
  return [...required, ...preferred];
}

function validatePodTerm(term: PodAffinityTerm, path: FieldPath): FieldError[] {
  const topologyKey = path.child('topologyKey');
  const missing = checkPresent(topologyKey, term.topologyKey, 'can not be empty');
  return [
    ...validateLabelSelector(term.labelSelector, path.child('labelSelector')),
    ...validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector')),
    ...(term.namespaces ?? []).flatMap((namespace) =>
      checkText(path.child('namespaces'), namespace, dns1123Label),
    ),
    ...(missing.length > 0 ? missing : checkText(topologyKey, term.topologyKey, qualifiedName)),
  ];
}
