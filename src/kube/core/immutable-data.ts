import { isSameJson } from '../checks.ts';
import { fieldForbidden, type FieldError, type FieldPath } from '../field-error.ts';

interface DataUpdate<T extends { immutable?: boolean }> {
  readonly next: T;
  readonly previous: T;
  /** The fields that hold data. */
  readonly fields: readonly (keyof T & string)[];
  readonly root: FieldPath;
}

/** ConfigMaps and Secrets marked immutable keep their data and the mark (KEP-1412). */
export function checkDataUpdate<T extends { immutable?: boolean }>({
  next,
  previous,
  fields,
  root,
}: DataUpdate<T>): FieldError[] {
  if (previous.immutable !== true) return [];
  const message = 'field is immutable when `immutable` is set';
  return [
    ...(next.immutable === true ? [] : [fieldForbidden(root.child('immutable'), message)]),
    ...fields
      .filter((field) => !isSameJson(next[field], previous[field]))
      .map((field) => fieldForbidden(root.child(field), message)),
  ];
}
