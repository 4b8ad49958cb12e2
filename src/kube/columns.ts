import type { Column } from './kind.ts';
import type { KubeObject } from './meta.ts';
import { age } from './time.ts';

export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  description: 'The name, unique among the objects of this kind in the namespace.',
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'string',
  priority: 0,
  description: 'The time since the object was created.',
  cell: (object, now) => age(object.metadata.creationTimestamp, now),
};

/** The part of a column that differs from a text column that is always shown. */
export interface ColumnOptions {
  readonly type?: 'string' | 'integer';
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
}

/** A column in short form: its name, what it says, and its cell. */
export function column<T extends KubeObject>(
  name: string,
  description: string,
  cell: (object: T, now: number) => string | number,
  { type = 'string', wide = false }: ColumnOptions = {},
): Column<T> {
  return { name, type, priority: wide ? 1 : 0, description, cell };
}

/** What kubectl users read where a list or value is empty. */
export const none = '<none>';

/** The value, or `<none>` when it is absent or empty. */
export function orNone(value: string | undefined): string {
  return value === undefined || value === '' ? none : value;
}

/** Labels as `a=b,c=d` in order of key, or `<none>`. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  return orNone(pairs.join(','));
}
