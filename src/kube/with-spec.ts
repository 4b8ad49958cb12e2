import type { KubeObject } from './meta.ts';

/**
 * Makes defaults that first fill in an absent spec: Go decodes it to its zero value, and validation then says
 * which fields are missing.
 */
export function withSpec<T extends KubeObject & { spec: object }>(
  defaults: (object: T) => void = () => undefined,
): (object: T) => void {
  return (object) => {
    object.spec ??= {};
    defaults(object);
  };
}
