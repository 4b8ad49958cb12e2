import { FieldPath } from '../field-error.ts';
import type { KindDefinition } from '../kind.ts';
import type { KubeObject } from '../meta.ts';

/** A complete object from the parts a test is about; `kind` supplies the rest. */
export function objectOf<T extends KubeObject>(kind: KindDefinition<T>, parts: object): T {
  const group = kind.group === '' ? '' : `${kind.group}/`;
  const object = {
    apiVersion: `${group}${kind.version}`,
    kind: kind.kind,
    metadata: { name: 'test', ...(kind.namespaced ? { namespace: 'default' } : {}) },
    ...structuredClone(parts),
  };
  return object as unknown as T;
}

/** The object after the kind's defaults. */
export function defaulted<T extends KubeObject>(kind: KindDefinition<T>, parts: object): T {
  const object = objectOf(kind, parts);
  kind.defaults?.(object);
  return object;
}

/** `FIELD: BODY` of everything the kind finds wrong with a new object. */
export function fieldErrors<T extends KubeObject>(
  kind: KindDefinition<T>,
  parts: object,
): string[] {
  const object = defaulted(kind, parts);
  const errors = [
    ...(kind.validate?.(object, new FieldPath()) ?? []),
    ...(kind.validateCreate?.(object) ?? []),
  ];
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

/** The same for a change of an object. */
export function updateErrors<T extends KubeObject>(
  kind: KindDefinition<T>,
  next: object,
  previous: object,
): string[] {
  const errors = kind.validateUpdate?.(defaulted(kind, next), defaulted(kind, previous)) ?? [];
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

/** The printed cells by column; those of `-o wide` included. */
export function cells<T extends KubeObject>(
  kind: KindDefinition<T>,
  parts: object,
): Record<string, unknown> {
  const object = defaulted(kind, parts);
  return Object.fromEntries(kind.columns.map((entry) => [entry.name, entry.cell(object, 0)]));
}

/** The cells between the name and the age, as one line. */
export function row<T extends KubeObject>(kind: KindDefinition<T>, parts: object): string {
  const { Name: _name, Age: _age, ...rest } = cells(kind, parts);
  return Object.values(rest).join(' | ');
}
