import type { Masquerading } from '../services/index.ts';
import { chainNames } from './layout.ts';

/** So many prefix lengths stand in a chain's name one by one. */
const READABLE_LENGTHS = 8;

/** The endpoints that a policy chooses from: those of the cluster, or this node's own. */
export type Scope = 'cluster' | 'local';

/** Which slots a chain picks from, `offset` to `offset + count - 1`, and what it marks. */
interface Picking {
  readonly count: number;
  readonly offset: number;
  readonly masquerade: Masquerading;
}

/** Every connection has an endpoint of its own. */
export interface PickShape extends Picking {
  readonly kind: 'pick';
}

/** Connections of one client have one endpoint, for as long as it is in scope and the client comes again (row 19). */
export interface SessionShape extends Picking {
  readonly kind: 'session';
  readonly scope: Scope;
  readonly timeoutSeconds: number;
}

/** External policy Local (row 21): who comes from inside the cluster has other endpoints than the rest of the world. */
export interface LocalShape {
  readonly kind: 'local';
  readonly pods: PickShape | SessionShape;
  readonly node: PickShape | SessionShape;
  /** `undefined` drops. */
  readonly outside: PickShape | SessionShape | undefined;
}

/** No endpoint is there: every table has its chain. */
export interface RefuseShape {
  readonly kind: 'refuse';
}

/** Only sources in the frontend's ranges come through (row 11). */
export interface GuardedShape {
  readonly kind: 'guarded';
  /** The prefix lengths of the ranges, each once, ascending. */
  readonly prefixLengths: readonly number[];
  readonly inside: PickShape | SessionShape | LocalShape | RefuseShape;
}

/**
 * What two frontends must have in common to share a chain: numbers and policies, never addresses. So the number of
 * chains depends on how Services differ in shape, not on how many there are.
 */
export type Shape = PickShape | SessionShape | LocalShape | GuardedShape;

/** The name of the shape's chain, e.g. `endpoints-3-masquerade-always`, `guarded-16-24-endpoints-3-outside-1`. */
export function shapeName(shape: Shape | RefuseShape): string {
  if (shape.kind === 'refuse') return chainNames.refuse;
  if (shape.kind === 'guarded') {
    return `guarded-${lengthsName(shape.prefixLengths)}-${shapeName(shape.inside)}`;
  }
  if (shape.kind === 'local') {
    return `${shapeName(shape.pods)}-outside-${shape.outside?.count ?? 0}`;
  }
  if (shape.kind === 'pick') return pickingName(shape);
  const sticky = `${pickingName(shape)}-sticky-${shape.timeoutSeconds}s`;
  return shape.scope === 'local' ? `${sticky}-local` : sticky;
}

/** A name has 255 letters at most: many lengths are told by the bits of a number. */
function lengthsName(lengths: readonly number[]): string {
  if (lengths.length <= READABLE_LENGTHS) return lengths.join('-');
  return `x${lengths.reduce((bits, length) => bits | (1n << BigInt(length)), 0n).toString(16)}`;
}

function pickingName({ count, offset, masquerade }: Picking): string {
  const at = offset === 0 ? '' : `-at-${offset}`;
  const marking = masquerade === 'never' ? '' : `-masquerade-${masquerade}`;
  return `endpoints-${count}${at}${marking}`;
}

/** The shape and those whose chains its chain goes to; a chain comes after those it goes to. */
export function withParts(shape: Shape | RefuseShape): readonly Shape[] {
  if (shape.kind === 'refuse') return [];
  if (shape.kind === 'guarded') return [...withParts(shape.inside), shape];
  if (shape.kind !== 'local') return [shape];
  const { pods, node, outside } = shape;
  return [pods, node, ...(outside === undefined ? [] : [outside]), shape];
}
