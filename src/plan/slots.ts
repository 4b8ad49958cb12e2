import type { Capture, Endpoint, Verdict } from '../services/index.ts';
import type { Scope } from './shape.ts';

/** The endpoints of a frontend in slot order: those of the whole cluster, then those of this node alone. */
export interface Slots {
  readonly cluster: readonly Endpoint[];
  readonly local: readonly Endpoint[];
}

/** `undefined` when no connection is forwarded. */
export function slotsOf({ verdict, internal }: Capture): Slots | undefined {
  if (internal?.action === 'forward') {
    return { cluster: internal.endpoints, local: endpointsOf(verdict) };
  }
  if (verdict.action !== 'forward') return undefined;
  const { endpoints } = verdict;
  return scopeOf(verdict) === 'local'
    ? { cluster: [], local: endpoints }
    : { cluster: endpoints, local: [] };
}

function endpointsOf(verdict: Verdict): readonly Endpoint[] {
  return verdict.action === 'forward' ? verdict.endpoints : [];
}

/** Whose endpoints a verdict chose from. */
export function scopeOf({ reason }: Verdict): Scope {
  return reason === 'READY_LOCAL_ENDPOINTS' || reason === 'TERMINATING_LOCAL_ENDPOINTS'
    ? 'local'
    : 'cluster';
}
