import { isDeepStrictEqual } from 'node:util';
import { ApiError, podKind, type Pod, type PodStatus } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';

/** Writes a pod's status when it differs from what was written last. */
export class StatusWriter {
  private readonly context: NodeContext;
  private last: PodStatus | undefined;

  constructor(context: NodeContext) {
    this.context = context;
  }

  /** A pod that is gone from the API is not an error: there is nobody to tell. */
  async write(pod: Pod, status: PodStatus): Promise<void> {
    if (isDeepStrictEqual(status, this.last ?? pod.status)) return;
    const { name, namespace, uid } = pod.metadata;
    try {
      await this.context.client.patch(
        podKind,
        { name, ...(namespace === undefined ? {} : { namespace }), subresource: 'status' },
        { type: 'merge', body: { metadata: { uid }, status } },
      );
      this.last = status;
    } catch (error) {
      const isGone = error instanceof ApiError && ['NotFound', 'Conflict'].includes(error.reason);
      if (!isGone) throw error;
    }
  }
}
