import type { ResourceRecord } from '../../dnswire/index.ts';
import type { NameReason, NameWorld } from '../contract.ts';
import type { Selection } from './selection.ts';

/** A question about a name of the cluster's zone. */
export interface ClusterQuestion {
  /** As asked; the owner of the records. */
  readonly name: string;
  readonly type: number;
  /** Labels below the zone, in lower case, leftmost first. */
  readonly labels: readonly string[];
  /** The zone, absolute. */
  readonly zone: string;
}

/** What lookups look at. */
export interface ClusterContext {
  readonly world: NameWorld;
  readonly selection: Selection;
}

/** What there is under a name. */
export type Finding =
  | {
      readonly exists: true;
      /** Records of the type asked for; none is NODATA. */
      readonly answers: readonly ResourceRecord[];
      readonly additionals?: readonly ResourceRecord[];
      /** The target of an alias, still to be followed. */
      readonly alias?: string;
      readonly reason: NameReason;
      readonly object?: string;
    }
  | { readonly exists: false; readonly reason: NameReason; readonly object?: string };

/** The name is not there. */
export function missing(reason: NameReason, object?: string): Finding {
  return object === undefined ? { exists: false, reason } : { exists: false, reason, object };
}

/** The name is there, with these records or none of the type. */
export function present(
  answers: readonly ResourceRecord[],
  reason: NameReason,
  object?: string,
): Finding {
  const said = answers.length === 0 && reason !== 'EMPTY_NON_TERMINAL' ? 'NO_SUCH_TYPE' : reason;
  return object === undefined
    ? { exists: true, answers, reason: said }
    : { exists: true, answers, reason: said, object };
}
