import {
  FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  fieldTooLong,
  type FieldError,
} from './field-error.ts';
import type { ObjectMeta, OwnerReference } from './meta.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName, type Check } from './names.ts';
import { validateLabels } from './validate-selector.ts';

const metadata = new FieldPath('metadata');

/** All annotations of one object together, keys and values, in bytes. */
const annotationsLimit = 256 * 1024;

/** Finalizers without a `/` that Kubernetes itself uses. */
const standardFinalizers = [
  'kubernetes',
  'orphan',
  'foregroundDeletion',
  'customresourcecleanup.apiextensions.k8s.io',
];

/** What of a kind matters for the metadata of its objects. */
export interface MetaRules {
  readonly namespaced: boolean;
  readonly validateName?: Check;
  /** Set for custom resources, whose finalizers need no domain. */
  readonly structural?: unknown;
}

/** Checks metadata as `ValidateObjectMeta` does; the name may still be missing when `generateName` is set. */
export function validateMeta(
  meta: ObjectMeta,
  { namespaced, validateName = dns1123Subdomain, structural }: MetaRules,
): FieldError[] {
  return [
    ...generateNameErrors(meta, validateName),
    ...nameErrors(meta, validateName),
    ...namespaceErrors(meta, namespaced),
    ...validateLabels(meta.labels, metadata.child('labels')),
    ...validateAnnotations(meta.annotations, metadata.child('annotations')),
    ...validateOwners(meta.ownerReferences ?? [], metadata.child('ownerReferences')),
    ...validateFinalizers(meta.finalizers ?? [], structural === undefined),
  ];
}

function isAbsent(text: string | undefined): text is undefined | '' {
  return text === undefined || text === '';
}

/** Something is put after the prefix, so it may end in a dash (`maskTrailingDash` in apimachinery); a dot is refused. */
function generateNameErrors({ generateName }: ObjectMeta, validateName: Check): FieldError[] {
  if (isAbsent(generateName)) return [];
  const isMasked = generateName.length > 1 && generateName.endsWith('-');
  const sample = isMasked ? `${generateName.slice(0, -2)}a` : generateName;
  return validateName(sample).map((message) =>
    fieldInvalid(metadata.child('generateName'), generateName, message),
  );
}

function nameErrors({ name, generateName }: ObjectMeta, validateName: Check): FieldError[] {
  const path = metadata.child('name');
  if (!isAbsent(name))
    return validateName(name).map((message) => fieldInvalid(path, name, message));
  return isAbsent(generateName) ? [fieldRequired(path, 'name or generateName is required')] : [];
}

function namespaceErrors({ namespace }: ObjectMeta, namespaced: boolean): FieldError[] {
  const path = metadata.child('namespace');
  if (!namespaced) {
    return isAbsent(namespace) ? [] : [fieldForbidden(path, 'not allowed on this type')];
  }
  if (isAbsent(namespace)) return [fieldRequired(path)];
  return dns1123Label(namespace).map((message) => fieldInvalid(path, namespace, message));
}

export function validateAnnotations(
  annotations: ObjectMeta['annotations'],
  path: FieldPath,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const size = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return [
    ...entries.flatMap(([key]) =>
      qualifiedName(key.toLowerCase()).map((message) => fieldInvalid(path, key, message)),
    ),
    ...(size > annotationsLimit ? [fieldTooLong(path, annotationsLimit)] : []),
  ];
}

function validateOwner(owner: OwnerReference, path: FieldPath): FieldError[] {
  const missing = (
    [
      ['apiVersion', 'version'],
      ['kind', 'kind'],
      ['name', 'name'],
      ['uid', 'uid'],
    ] as const
  )
    .filter(([field]) => isAbsent(owner[field]))
    .map(([field, name]) =>
      fieldInvalid(path.child(field), owner[field] ?? '', `${name} must not be empty`),
    );
  const isEvent = owner.apiVersion === 'v1' && owner.kind === 'Event';
  return isEvent
    ? [...missing, fieldInvalid(path, owner, '/v1, Kind=Event is disallowed from being an owner')]
    : missing;
}

function validateOwners(owners: readonly OwnerReference[], path: FieldPath): FieldError[] {
  const controllers = owners.filter((owner) => owner.controller === true);
  const [first] = controllers;
  const others = controllers.slice(1);
  return [
    ...owners.flatMap((owner) => validateOwner(owner, path)),
    ...others.map((other) =>
      fieldInvalid(
        path,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first?.name} and ${other.name}`,
      ),
    ),
  ];
}

function validateFinalizers(finalizers: readonly string[], needsDomain: boolean): FieldError[] {
  const path = metadata.child('finalizers');
  const isContradictory =
    finalizers.includes('orphan') && finalizers.includes('foregroundDeletion');
  return [
    ...finalizers.flatMap((name) => finalizerErrors(name, path, needsDomain)),
    ...(isContradictory
      ? [
          fieldInvalid(
            path,
            finalizers,
            'finalizer set cannot contain both orphan and foregroundDeletion',
          ),
        ]
      : []),
  ];
}

function finalizerErrors(name: string, path: FieldPath, needsDomain: boolean): FieldError[] {
  const form = qualifiedName(name).map((message) => fieldInvalid(path, name, message));
  if (form.length > 0 || !needsDomain || name.includes('/')) return form;
  if (standardFinalizers.includes(name)) return form;
  return [
    fieldInvalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified'),
  ];
}

const immutableFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** What an update may not change, as `ValidateObjectMetaUpdate` has it; both sides complete. */
export function validateMetaUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  const changed = immutableFields
    .filter((field) => (next[field] ?? '') !== (previous[field] ?? ''))
    .map((field) => fieldInvalid(metadata.child(field), next[field] ?? '', 'field is immutable'));
  return [...changed, ...newFinalizerErrors(next, previous)];
}

function newFinalizerErrors(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  if (previous.deletionTimestamp === undefined) return [];
  const added = (next.finalizers ?? []).filter((name) => !previous.finalizers?.includes(name));
  if (added.length === 0) return [];
  const shown = added.map((name) => JSON.stringify(name)).join(', ');
  return [
    fieldForbidden(
      metadata.child('finalizers'),
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`,
    ),
  ];
}
