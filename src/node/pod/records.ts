import type { Container, Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';

export type ContainerRole = 'init' | 'sidecar' | 'main';

/** Why a container is not running although it should be. */
export interface WaitingReason {
  /** `ContainerCreating`, `ErrImagePull`, `ImagePullBackOff`, `CrashLoopBackOff`, `CreateContainerConfigError`... */
  readonly reason: string;
  readonly message: string;
}

/** Why a running attempt must end before its time. */
export interface Condemnation {
  /** For the Killing event. */
  readonly message: string;
  /** Overrides the pod's grace (core/v1 Probe.terminationGracePeriodSeconds). */
  readonly graceSeconds?: number;
}

/** What the node knows of one container of a pod, over all its attempts. */
export interface ContainerRecord {
  /** As the pod's spec has it now: its image may change. */
  container: Container;
  readonly role: ContainerRole;
  /** 0 for the first run; -1 before it. */
  attempt: number;
  /** The newest attempt, once the runtime knows it. */
  current?: RuntimeStatus;
  /** The attempt before, when it ended. */
  previous?: RuntimeStatus;
  /** Reference and resolved id of the image of the current attempt. */
  image?: { readonly reference: string; readonly id: string };
  waiting?: WaitingReason;
  /** Milliseconds since the epoch before which no new attempt is made. */
  notBefore: number;
  /** How many attempts in a row ended soon: sets the pause before the next. */
  crashes: number;
  /** How often in a row no attempt came about (no image, no ConfigMap): sets that pause. */
  failedStarts: number;
  /** A start or an end is under way: nothing else is decided for the container meanwhile. */
  isBusy: boolean;
  /** Startup probe passed, or none is there. */
  isStarted: boolean;
  /** Readiness probe's last verdict; true when there is none. */
  isReady: boolean;
  condemned?: Condemnation;
}

function newRecord(container: Container, role: ContainerRole): ContainerRecord {
  return {
    container,
    role,
    attempt: -1,
    notBefore: 0,
    crashes: 0,
    failedStarts: 0,
    isBusy: false,
    isStarted: false,
    isReady: false,
  };
}

/** One record for each container of the pod: init containers and sidecars in order, then the others. */
export function newRecords(pod: Pod): ContainerRecord[] {
  const before = (pod.spec.initContainers ?? []).map((container) =>
    newRecord(container, container.restartPolicy === 'Always' ? 'sidecar' : 'init'),
  );
  return [...before, ...pod.spec.containers.map((container) => newRecord(container, 'main'))];
}

export function isRunning(record: ContainerRecord): boolean {
  return record.current?.state === 'running';
}

export function hasExited(record: ContainerRecord): boolean {
  return record.current?.state === 'exited';
}

/** True when the container ran, ended and will not be run again under the pod's restart policy. */
export function isFinished(record: ContainerRecord, restartPolicy: string): boolean {
  if (!hasExited(record)) return false;
  const succeeded = record.current?.exitCode === 0;
  if (record.role === 'sidecar') return false;
  if (record.role === 'init') return succeeded || restartPolicy === 'Never';
  return restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && succeeded);
}

/** True when the next container in the order of init containers may start. */
export function isInitialized(record: ContainerRecord): boolean {
  if (record.role === 'sidecar') return isRunning(record) && record.isStarted;
  return record.role === 'main' || (hasExited(record) && record.current?.exitCode === 0);
}

/**
 * Makes the pod's containers run anew in a new sandbox, init containers first; what is finished for good stays.
 * @returns the attempts that the records forget.
 */
export function startOver(
  records: readonly ContainerRecord[],
  restartPolicy: string,
): RuntimeStatus[] {
  const forgotten: RuntimeStatus[] = [];
  for (const record of records) {
    if (record.role === 'main' && isFinished(record, restartPolicy)) continue;
    if (record.current === undefined) continue;
    if (record.previous !== undefined) forgotten.push(record.previous);
    record.previous = record.current;
    delete record.current;
    delete record.waiting;
    delete record.condemned;
    Object.assign(record, { notBefore: 0, isStarted: false, isReady: false });
  }
  return forgotten;
}
