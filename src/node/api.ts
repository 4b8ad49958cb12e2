import { existsSync } from 'node:fs';
import type { Duplex, Writable } from 'node:stream';
import { Fault } from '../fault/index.ts';
import { ApiError, badRequest, notFound, podKind } from '../kube/index.ts';
import type { ContainerStreams } from '../runtime/index.ts';
import { copyLog } from './logs/read-log.ts';
import type { ContainerTarget, LogOptions, NodeApi } from './node-api.ts';
import type { NodeContext } from './context.ts';
import { logPath } from './pod/container-spec.ts';
import type { PodWorker } from './pod/pod-worker.ts';
import { connectFrom } from './pod/reach.ts';
import { hasExited, isRunning, type ContainerRecord } from './pod/records.ts';

/** Which container `kubectl logs` and `exec` mean when they name none. */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

export interface NodeApiOptions {
  readonly context: NodeContext;
  find(namespace: string, pod: string): PodWorker | undefined;
}

/** The kubelet's own API over the pod workers of one node. */
export class LocalNodeApi implements NodeApi {
  private readonly options: NodeApiOptions;

  constructor(options: NodeApiOptions) {
    this.options = options;
  }

  private worker(namespace: string, pod: string): PodWorker {
    const worker = this.options.find(namespace, pod);
    if (worker === undefined) throw notFound(podKind, pod);
    return worker;
  }

  private record(target: ContainerTarget): { worker: PodWorker; record: ContainerRecord } {
    const worker = this.worker(target.namespace, target.pod);
    const { metadata, spec } = worker.object;
    const name =
      target.container !== ''
        ? target.container
        : (metadata.annotations?.[DEFAULT_CONTAINER] ?? spec.containers[0]?.name);
    const record = worker.containers.find(({ container }) => container.name === name);
    if (record === undefined) {
      throw badRequest(`container ${target.container} is not valid for pod ${target.pod}`);
    }
    return { worker, record };
  }

  /** The id of a container that runs. */
  private running(target: ContainerTarget): string {
    const { record } = this.record(target);
    if (isRunning(record) && record.current !== undefined) return record.current.id;
    throw new ApiError(
      'InternalError',
      `unable to upgrade connection: container not found ("${record.container.name}")`,
    );
  }

  async exec(
    target: ContainerTarget,
    command: readonly string[],
    streams: ContainerStreams,
  ): Promise<number> {
    return this.options.context.runtime.exec(this.running(target), command, streams);
  }

  async attach(target: ContainerTarget, streams: ContainerStreams): Promise<void> {
    await this.options.context.runtime.attach(this.running(target), streams);
  }

  async portForward(pod: { namespace: string; pod: string }, port: number): Promise<Duplex> {
    const { netns } = this.worker(pod.namespace, pod.pod);
    const { kernel } = this.options.context;
    if (netns === undefined) throw badRequest(`pod ${pod.pod} is not running`);
    try {
      return await connectFrom(kernel, netns, { host: '127.0.0.1', port });
    } catch (first) {
      // What listens on ::1 alone is reachable as well, as with the kubelet.
      return connectFrom(kernel, netns, { host: '::1', port }).catch(() => {
        throw new Fault({
          code: 'CONNECTION_REFUSED',
          message: `pod ${pod.namespace}/${pod.pod}: nothing listens on port ${port} of localhost`,
          advice: 'Forward to a port that a container of the pod listens on.',
          cause: first,
        });
      });
    }
  }

  async logs(
    target: ContainerTarget,
    options: LogOptions,
    out: Writable,
    signal: AbortSignal,
  ): Promise<void> {
    const { worker, record } = this.record(target);
    const { attempt } = record;
    const wanted = options.previous ? attempt - 1 : attempt;
    if (wanted < 0) throw noAttempt(target.pod, record, options.previous);
    const { logs } = this.options.context.paths;
    const path = logPath(logs, worker.object, record.container.name, wanted);
    if (!existsSync(path)) throw neverRan(target.pod, record);
    const isRunningNow = (): boolean =>
      !worker.isFinished && !options.previous && record.attempt === wanted && !hasExited(record);
    const onEnd = (listener: () => void): (() => void) => worker.onExit(listener);
    await copyLog({ path, isRunning: isRunningNow, onEnd }, options, out, signal);
  }
}

/** Why there is no log to show, in the kubelet's words. */
function noAttempt(
  pod: string,
  { container, waiting }: ContainerRecord,
  isPrevious: boolean,
): ApiError {
  if (isPrevious) {
    return badRequest(
      `previous terminated container "${container.name}" in pod "${pod}" not found`,
    );
  }
  const { reason = 'ContainerCreating' } = waiting ?? {};
  const isPull = reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
  const why = isPull ? 'trying and failing to pull image' : reason;
  return badRequest(`container "${container.name}" in pod "${pod}" is waiting to start: ${why}`);
}

function neverRan(pod: string, { container, current }: ContainerRecord): ApiError {
  const why = current?.message ?? 'its log is gone';
  return badRequest(`container "${container.name}" in pod "${pod}" never ran: ${why}`);
}
