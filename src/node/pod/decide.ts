import type { Pod } from '../../kube/index.ts';
import { isFinished, isInitialized, isRunning, type ContainerRecord } from './records.ts';

/** What to do next for a pod that is not being deleted. */
export interface Decision {
  /** Containers to run now. */
  readonly start: readonly ContainerRecord[];
  /** Running containers to end now. */
  readonly stop: readonly ContainerRecord[];
  /** When to look again although nothing happened; milliseconds since the epoch, Infinity for never. */
  readonly lookAgainAt: number;
}

/** The pauses between attempts: 10 s doubling to 5 min, forgotten after 10 min of running (as the kubelet). */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 300_000;
const FORGET_AFTER_MS = 600_000;

/** The pause after the given number of failures in a row; none before the first restart. */
export function pauseAfter(failures: number): number {
  return failures <= 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

/** Failures in a row after the current attempt ended, and when the next may start. */
export function afterExit(
  record: ContainerRecord,
  now: number,
): { failures: number; notBefore: number } {
  const { startedAt = now, finishedAt = now } = record.current ?? {};
  const failures = finishedAt - startedAt >= FORGET_AFTER_MS ? 0 : record.failures;
  // The first restart is immediate; only then do pauses grow.
  return { failures: failures + 1, notBefore: finishedAt + pauseAfter(failures) };
}

function wantsRun(record: ContainerRecord, restartPolicy: string): boolean {
  return !isRunning(record) && !isFinished(record, restartPolicy);
}

/** True when no container of the pod will run again. */
export function isOver(pod: Pod, records: readonly ContainerRecord[]): boolean {
  const restartPolicy = pod.spec.restartPolicy ?? 'Always';
  const failedInit = records.some(
    (record) =>
      record.role === 'init' && isFinished(record, restartPolicy) && record.current?.exitCode !== 0,
  );
  const mains = records.filter(({ role }) => role === 'main');
  return failedInit || mains.every((record) => isFinished(record, restartPolicy));
}

/** The records that may run now: up to the first init container that is not done, then all others. */
function eligible(records: readonly ContainerRecord[]): ContainerRecord[] {
  const inOrder = records.filter(({ role }) => role !== 'main');
  const blocking = inOrder.findIndex((record) => !isInitialized(record));
  // Once the main containers have begun, a sidecar that is down no longer holds anything up.
  const hasBegun = records.some(({ role, attempt }) => role === 'main' && attempt >= 0);
  if (blocking === -1 || hasBegun) return [...records];
  return inOrder.slice(0, blocking + 1);
}

/** Decides what a pod's containers need next; pure. */
export function decide(pod: Pod, records: readonly ContainerRecord[], now: number): Decision {
  const restartPolicy = pod.spec.restartPolicy ?? 'Always';
  const condemned = records.filter((record) => isRunning(record) && record.isCondemned);
  if (isOver(pod, records)) {
    const stop = records.filter((record) => record.role === 'sidecar' && isRunning(record));
    return { start: [], stop, lookAgainAt: Infinity };
  }
  const wanted = eligible(records).filter(
    (record) =>
      wantsRun(record, restartPolicy) && !(record.role === 'init' && isInitialized(record)),
  );
  const start = wanted.filter((record) => record.notBefore <= now);
  const later = wanted.filter((record) => record.notBefore > now).map((record) => record.notBefore);
  return { start, stop: condemned, lookAgainAt: Math.min(Infinity, ...later) };
}
