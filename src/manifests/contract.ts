import type { AnyObject } from '../kube/index.ts';

/** Field names and positions in lists: `['spec', 'ingress', 0, 'from']`. */
export type FieldPath = readonly (string | number)[];

/** A line of a file, counted from 1. */
export interface Position {
  /** As it was given, or found below what was given. */
  readonly file: string;
  readonly line: number;
}

/** One object of a manifest, and where its fields are written. */
export interface ManifestObject {
  readonly object: AnyObject;
  /** Where the field is, or the nearest one around it that is written. */
  positionOf(path: FieldPath): Position;
}

/** What manifests hold. */
export interface Manifests {
  readonly objects: readonly ManifestObject[];
  /** What was passed over, and why; one sentence each. */
  readonly notes: readonly string[];
}
