import type { AnyObject } from '../../kube/meta.ts';

/** One PATCH request on one object. */
export interface PatchRequest {
  readonly type: 'json' | 'merge' | 'strategic';
  /** The decoded body: an array of operations for `json`, an object otherwise. */
  readonly body: unknown;
  /** Never changed: the result shares nothing with it that was touched. */
  readonly original: AnyObject;
  /** OpenAPI name of the object's schema; `strategic` needs a built-in one (custom resources answer 415). */
  readonly schema: string | undefined;
}
