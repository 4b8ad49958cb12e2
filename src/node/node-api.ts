import type { Duplex, Writable } from 'node:stream';
import type { ContainerStreams } from '../runtime/runtime.ts';

export interface ContainerTarget {
  readonly namespace: string;
  readonly pod: string;
  /** Empty: the pod's only or default container. */
  readonly container: string;
}

/** The query of `GET .../pods/NAME/log` (`core/v1 PodLogOptions`). */
export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
}

/**
 * What the API server asks of a node's agent (the kubelet's own API): one for each node. Failures before the first
 * byte are ApiErrors: `BadRequest` for a container that is not started or not named, `NotFound` for an unknown one.
 */
export interface NodeApi {
  /** Resolves with the exit code. */
  exec(
    target: ContainerTarget,
    command: readonly string[],
    streams: ContainerStreams,
  ): Promise<number>;
  attach(target: ContainerTarget, streams: ContainerStreams): Promise<void>;
  /** Connects to `port` on the pod's localhost. @throws Fault `CONNECTION_REFUSED` with the pod and port. */
  portForward(pod: { namespace: string; pod: string }, port: number): Promise<Duplex>;
  /** Writes the log until it ends (or, following, until the container ends or `signal` aborts). */
  logs(
    target: ContainerTarget,
    options: LogOptions,
    out: Writable,
    signal: AbortSignal,
  ): Promise<void>;
}
