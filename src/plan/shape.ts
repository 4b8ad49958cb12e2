import type { Masquerading } from '../services/index.ts';

/**
 * What two Services must have in common to share an endpoint chain. Endpoints stand in slots 0 to `count - 1`; with
 * external policy Local, those for connections from outside the cluster follow in slots `count` to
 * `count + local - 1`.
 */
export interface Shape {
  readonly count: number;
  readonly masquerade: Masquerading;
  /** Set with external policy Local: how many endpoints of this node outside connections have. */
  readonly local?: number;
}

/** `endpoints-2`, `endpoints-3-masquerade-always`, `endpoints-3-local-1`: the name of the chain of a shape. */
export function shapeName({ count, masquerade, local }: Shape): string {
  if (local !== undefined) return `endpoints-${count}-local-${local}`;
  return masquerade === 'never'
    ? `endpoints-${count}`
    : `endpoints-${count}-masquerade-${masquerade}`;
}
