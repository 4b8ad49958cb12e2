import type { Address, Family } from '../ip/index.ts';
import type { Direction, ProtocolNumber } from './contract.ts';

/**
 * The policies of a cluster as tables: what enforcement puts into maps of the kernel and what the matrix multiplies out.
 * Says exactly what `judgeConnection` says, which a test checks over random clusters.
 *
 * Every address belongs to a **class**: two pods are of one class when no policy could ever tell them apart. A label
 * change moves one address to another class. A **subject** is a class that some policy selects in a direction; what it
 * may exchange with a peer class is a **port set**. Peers that have no entry of their own get the subject's entry for
 * all pods or for all the rest of the world. A class is of one family, because connections are: a pod with two
 * addresses is in two classes.
 *
 *     classes      pod address                    -> class
 *     blocks       interval of other addresses    -> class      (cut at the borders of all ipBlocks; disjoint)
 *     admissions   direction . subject . peer     -> port set
 *     port sets    port set . protocol . ports    (what it admits)
 */

/** A positive 32-bit number, never given twice while in use. */
export type ClassId = number;

/** The peers of an admission that are no class: any other pod, anything that is not a pod. */
export const ANY_POD = 1;
export const ANY_OUTSIDER = 2;
/** Class numbers begin here. */
export const FIRST_CLASS = 16;

/** A positive 32-bit number; the same contents have the same number while in use. */
export type PortSetId = number;

/** Admits nothing, and has no ranges. */
export const NOTHING: PortSetId = 1;
/** Admits every protocol and port. */
export const EVERYTHING: PortSetId = 2;

/** Protocols and ports that are admitted; both ends inclusive. All ports: 0 to 65535. All protocols: 0 to 255. */
export interface PortSpan {
  readonly protocols: readonly [first: ProtocolNumber, last: ProtocolNumber];
  readonly ports: readonly [first: number, last: number];
}

/** One entry of a table; its identity is all but the last field. */
export type Entry =
  | { readonly table: 'classes'; readonly address: Address; readonly class: ClassId }
  | {
      readonly table: 'blocks';
      readonly first: Address;
      readonly last: Address;
      readonly class: ClassId;
    }
  | {
      readonly table: 'admissions';
      /** Of both classes. */
      readonly family: Family;
      readonly direction: Direction;
      readonly subject: ClassId;
      /** {@link ANY_POD}, {@link ANY_OUTSIDER} or a class. */
      readonly peer: ClassId;
      readonly portSet: PortSetId;
    }
  /** Classes that some policy selects in this direction; all others are free there. */
  | {
      readonly table: 'subjects';
      readonly family: Family;
      readonly direction: Direction;
      readonly class: ClassId;
    }
  | { readonly table: 'portSets'; readonly portSet: PortSetId; readonly span: PortSpan };

/** What changed in the tables; to be applied in one transaction. Spans of one port set never overlap. */
export interface TableChanges {
  readonly removed: readonly Entry[];
  readonly added: readonly Entry[];
}
