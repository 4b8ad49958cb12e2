import type { AnyObject } from '../../../kube/index.ts';
import type { Call, RegistryContext, Target } from '../context.ts';
import type { Patch } from '../patch.ts';

export interface SubresourceRequest {
  readonly target: Target;
  readonly call: Call;
}

type Handler<R> = (context: RegistryContext, request: R) => Promise<AnyObject>;

/** One endpoint below an object: what discovery says of it, and what its verbs do. */
export interface Subresource {
  /** `status`, `scale`, `binding`, ... */
  readonly name: string;
  /** What the body is: `autoscaling/v1 Scale`. Undefined: the kind of the object itself. */
  readonly body?: { readonly group: string; readonly version: string; readonly kind: string };
  /** In discovery; those without a function below are served by the HTTP layer (`log`, `exec`). */
  readonly verbs: readonly string[];
  readonly get?: Handler<SubresourceRequest>;
  readonly create?: Handler<SubresourceRequest & { readonly object: AnyObject }>;
  readonly update?: Handler<SubresourceRequest & { readonly object: AnyObject }>;
  readonly patch?: Handler<SubresourceRequest & { readonly patch: Patch }>;
}

/** The `Status` that verbs without an object of their own answer with. */
export function success(code = 201): AnyObject {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code };
  return status as unknown as AnyObject;
}
