import type { Container, Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';

export type ContainerRole = 'init' | 'sidecar' | 'main';

/** Why a container is not running although it should be. */
export interface WaitingReason {
  /** `ContainerCreating`, `ErrImagePull`, `ImagePullBackOff`, `CrashLoopBackOff`, `CreateContainerConfigError`... */
  readonly reason: string;
  readonly message: string;
}

/** What the node knows of one container of a pod, over all its attempts. */
export interface ContainerRecord {
  readonly container: Container;
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
  /** How often in a row starting or pulling failed: sets the next pause. */
  failures: number;
  /** Startup probe passed, or none is there. */
  isStarted: boolean;
  /** Readiness probe's last verdict; true when there is none. */
  isReady: boolean;
  /** A liveness or startup probe asked for the end of the current attempt. */
  isCondemned: boolean;
}

function newRecord(container: Container, role: ContainerRole): ContainerRecord {
  return {
    container,
    role,
    attempt: -1,
    notBefore: 0,
    failures: 0,
    isStarted: false,
    isReady: false,
    isCondemned: false,
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
