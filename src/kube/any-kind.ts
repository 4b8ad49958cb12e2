import type { KindDefinition } from './kind.ts';
import type { KubeObject } from './meta.ts';

/**
 * Forgets the object type of a definition, for lists that hold every kind. Sound because whoever walks such a
 * list (the API server) hands each definition only objects of its own kind.
 */
export function anyKind<T extends KubeObject>(kind: KindDefinition<T>): KindDefinition {
  return kind as unknown as KindDefinition;
}
