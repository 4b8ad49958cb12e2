import type { Pod } from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';
import { isRunning, type ContainerRecord } from './records.ts';

/**
 * Fills the records of a pod from the containers that outlived the last daemon, and what no container tells (verdicts of
 * probes, attempts of containers that are gone) from the status that the API keeps.
 */
export function adoptRecords(
  pod: Pod,
  records: readonly ContainerRecord[],
  containers: readonly RuntimeStatus[],
): void {
  const statuses = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ];
  for (const record of records) {
    const { name } = record.container;
    const known = statuses.find((status) => status.name === name);
    const [current, previous] = containers
      .filter(({ labels }) => labels['container'] === name)
      .sort((a, b) => Number(b.labels['attempt']) - Number(a.labels['attempt']));
    const wasStarted = known?.containerID !== undefined;
    record.attempt = Number(current?.labels['attempt'] ?? (wasStarted ? known.restartCount : -1));
    if (known !== undefined && known.imageID !== '') {
      record.image = { reference: known.image, id: known.imageID };
    }
    if (current !== undefined) record.current = current;
    if (previous !== undefined) record.previous = previous;
    record.isStarted = isRunning(record) && known?.started === true;
    record.isReady = isRunning(record) && known?.ready === true;
  }
}
