import { isPodTerminal, type Pod } from '../../kube/index.ts';
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

/** Crashes in a row after the current attempt ended, and when the next may start. */
export function afterExit(
  record: ContainerRecord,
  now: number,
): { crashes: number; notBefore: number } {
  const { startedAt = now, finishedAt = now } = record.current ?? {};
  const crashes = finishedAt - startedAt >= FORGET_AFTER_MS ? 0 : record.crashes;
  // The first restart is immediate; only then do pauses grow.
  return { crashes: crashes + 1, notBefore: finishedAt + pauseAfter(crashes) };
}

/** When the pod's `activeDeadlineSeconds` is over, in milliseconds since the epoch; Infinity without one. */
export function activeUntil({ spec, status }: Pod): number {
  const { activeDeadlineSeconds } = spec;
  if (activeDeadlineSeconds === undefined || status?.startTime === undefined) return Infinity;
  return Date.parse(status.startTime) + activeDeadlineSeconds * 1000;
}

function wantsRun(record: ContainerRecord, restartPolicy: string): boolean {
  return !isRunning(record) && !isFinished(record, restartPolicy);
}

/** True when no container of the pod will run again; what the API says has ended stays ended (an eviction). */
export function isOver(pod: Pod, records: readonly ContainerRecord[]): boolean {
  if (isPodTerminal(pod)) return true;
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
  const hasBegun = records.some(({ role, current }) => role === 'main' && current !== undefined);
  if (blocking === -1 || hasBegun) return [...records];
  return inOrder.slice(0, blocking + 1);
}

/** Decides what a pod's containers need next; pure. */
export function decide(pod: Pod, records: readonly ContainerRecord[], now: number): Decision {
  if (isOver(pod, records)) return { start: [], stop: [], lookAgainAt: Infinity };
  const restartPolicy = pod.spec.restartPolicy ?? 'Always';
  const idle = records.filter(({ isBusy }) => !isBusy);
  const stop = idle.filter((record) => isRunning(record) && record.condemned !== undefined);
  const wanted = eligible(records).filter(
    (record) =>
      !record.isBusy &&
      wantsRun(record, restartPolicy) &&
      !(record.role === 'init' && isInitialized(record)),
  );
  const start = wanted.filter((record) => record.notBefore <= now);
  const later = wanted.filter((record) => record.notBefore > now).map((record) => record.notBefore);
  return { start, stop, lookAgainAt: Math.min(Infinity, ...later) };
}
