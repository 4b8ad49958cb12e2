import type { Pod } from '../../kube/index.ts';
import type { Direction, NearMiss, Party, PolicyRef, PolicyWorld, RuleRef } from '../contract.ts';

/** One direction of a connection: may the subject exchange this with the peer? */
export interface Question {
  readonly world: PolicyWorld;
  readonly direction: Direction;
  /** The source for egress, the destination for ingress. */
  readonly subject: Party & { readonly pod: Pod };
  readonly peer: Party;
  readonly protocol: number;
  readonly port: number;
}

/** What the policies of one API and tier say: a decision, or `next` for whoever comes after. */
export interface Answer {
  readonly decision: 'accept' | 'deny' | 'next';
  /** Policies that select the subject in this direction. */
  readonly selecting: readonly PolicyRef[];
  readonly decidedBy?: RuleRef;
  /** Rules that would have admitted and do not match. */
  readonly misses: readonly NearMiss[];
}

export type Evaluator = (question: Question) => Answer;

/** The pod that the connection goes to, whose port names count. */
export function destinationPod({ direction, subject, peer }: Question): Pod | undefined {
  return direction === 'ingress' ? subject.pod : peer.pod;
}
