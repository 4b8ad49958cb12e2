import type { ContainerStateTerminated, Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';
import { afterExit } from './decide.ts';
import { hasExited, isRunning, type ContainerRecord } from './records.ts';

/** The end of an attempt that the runtime no longer knows, from the status that the API keeps. */
function endedAttempt(state: ContainerStateTerminated): RuntimeStatus {
  const { containerID = '', exitCode, reason, message, startedAt, finishedAt } = state;
  return {
    id: containerID.replace(/^runc:\/\//, ''),
    state: 'exited',
    labels: {},
    imageId: '',
    exitCode,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(startedAt === undefined ? {} : { startedAt: Date.parse(startedAt) }),
    ...(finishedAt === undefined ? {} : { finishedAt: Date.parse(finishedAt) }),
  };
}

function adoptRecord(
  record: ContainerRecord,
  pod: Pod,
  containers: readonly RuntimeStatus[],
): void {
  const { name } = record.container;
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const known = [...initContainerStatuses, ...containerStatuses].find(
    (status) => status.name === name,
  );
  const [current, previous] = containers
    .filter(({ labels }) => labels['container'] === name)
    .sort((a, b) => Number(b.labels['attempt']) - Number(a.labels['attempt']));
  const ended = known?.state?.terminated ?? known?.lastState?.terminated;
  const wasStarted = known?.containerID !== undefined;
  record.attempt = Number(current?.labels['attempt'] ?? (wasStarted ? known.restartCount : -1));
  if (known !== undefined && known.imageID !== '') {
    record.image = { reference: known.image, id: known.imageID };
  }
  if (current !== undefined) record.current = current;
  else if (ended !== undefined) record.current = endedAttempt(ended);
  if (previous !== undefined) record.previous = previous;
  record.isStarted = isRunning(record) && known?.started === true;
  record.isReady = isRunning(record) && known?.ready === true;
}

/**
 * Fills the records of a pod from the containers that outlived the last daemon, and what no container tells (verdicts of
 * probes, attempts of containers that are gone) from the status that the API keeps. Every restart counts as a crash:
 * an attempt that runs long enough forgives them.
 */
export function adoptRecords(
  pod: Pod,
  records: readonly ContainerRecord[],
  containers: readonly RuntimeStatus[],
): void {
  for (const record of records) {
    adoptRecord(record, pod, containers);
    record.crashes = Math.max(0, record.attempt);
    if (hasExited(record))
      Object.assign(record, afterExit(record, record.current?.finishedAt ?? 0));
  }
}
