import { isDeepStrictEqual } from 'node:util';
import { ApiError, podKind, type Pod, type PodStatus } from '../../kube/index.ts';
import type { NodeContext } from '../context.ts';

/** As it is after a round through the API: without what is undefined. */
function plain(status: PodStatus | undefined): unknown {
  return JSON.parse(JSON.stringify(status ?? {}));
}

/** Writes a pod's status when it differs from what the API has. */
export class StatusWriter {
  private readonly client: NodeContext['client'];
  /** What was written last, and what the API made of it. */
  private written: unknown;
  private stored: unknown;
  private last: Promise<unknown> = Promise.resolve();

  constructor(client: NodeContext['client']) {
    this.client = client;
  }

  /**
   * Writes what `compute` makes of the pod; computed anew when somebody else wrote first, so that conditions of others
   * (readiness gates, evictions) are never undone. Writes of one pod follow each other.
   * @returns the pod as the API has it then; undefined when it is gone, which is no error: there is nobody to tell.
   */
  write(pod: () => Pod, compute: (pod: Pod) => PodStatus): Promise<Pod | undefined> {
    const turn = this.last.then(() => this.attempt(pod(), compute));
    // A failure is told to the one who asked for the write, and does not hold up the next.
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async attempt(pod: Pod, compute: (pod: Pod) => PodStatus): Promise<Pod | undefined> {
    const status = compute(pod);
    const next = plain(status);
    const known = plain(pod.status);
    if (isDeepStrictEqual(next, known)) return pod;
    // The API may keep a status in another form than it was written in.
    const isWritten =
      isDeepStrictEqual(next, this.written) && isDeepStrictEqual(known, this.stored);
    if (isWritten) return pod;
    try {
      const answer = await this.patch(pod, status);
      this.written = next;
      this.stored = plain(answer.status);
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.reason === 'NotFound') return undefined;
      if (error.reason !== 'Conflict') throw error;
      const newest = await this.newest(pod);
      return newest === undefined ? undefined : this.attempt(newest, compute);
    }
  }

  private patch(pod: Pod, status: PodStatus): Promise<Pod> {
    const { name, namespace, uid, resourceVersion } = pod.metadata;
    return this.client.patch(
      podKind,
      { name, ...(namespace === undefined ? {} : { namespace }), subresource: 'status' },
      { type: 'merge', body: { metadata: { uid, resourceVersion }, status } },
    );
  }

  /** The same pod as it is now; undefined when it is gone or another one has its name. */
  private async newest({ metadata }: Pod): Promise<Pod | undefined> {
    const { name, namespace, uid } = metadata;
    try {
      const ref = { name, ...(namespace === undefined ? {} : { namespace }) };
      const pod = await this.client.get(podKind, ref);
      return pod.metadata.uid === uid ? pod : undefined;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }
}
