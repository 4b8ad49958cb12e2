import type { AnyObject } from '../../kube/index.ts';
import type { User } from '../authentication/user.ts';

/** A kind that is never stored: a POST is a question, the answer is its status. */
export interface Review {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** @throws ApiError */
  review(question: AnyObject, asker: User, namespace: string): Promise<Record<string, unknown>>;
}
