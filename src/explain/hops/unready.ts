import { isConditionTrue, keyOf, type Pod } from '../../kube/index.ts';
import type { Detail } from '../contract.ts';
import { idOf } from '../scene.ts';
import type { Teller } from './telling.ts';

/** Why a pod is not ready, in the words of its status. */
function unreadyText({ metadata, status, spec }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'it is being deleted';
  const waiting = (status?.containerStatuses ?? []).find(
    ({ state }) => state?.waiting !== undefined,
  );
  if (waiting !== undefined) {
    return `container ${waiting.name} waits: ${waiting.state?.waiting?.reason ?? 'no reason given'}`;
  }
  const ended = (status?.containerStatuses ?? []).find(({ state }) => state?.terminated);
  if (ended !== undefined) {
    return `container ${ended.name} has ended: ${ended.state?.terminated?.reason ?? 'no reason given'}`;
  }
  const unready = (status?.containerStatuses ?? []).find(({ ready }) => !ready)?.name;
  const hasProbe = spec.containers.some(
    ({ name, readinessProbe }) => name === unready && readinessProbe !== undefined,
  );
  if (hasProbe) return `the readiness probe of container ${unready} fails`;
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return scheduled.message ?? 'it has no node';
  return `its phase is ${status?.phase ?? 'unknown'}`;
}

function isReady(pod: Pod): boolean {
  return (
    isConditionTrue(pod.status?.conditions, 'Ready') && pod.metadata.deletionTimestamp === undefined
  );
}

/** No more pods are told of one by one. */
const MOST_PODS = 5;

/** One sentence for each of the pods that is not ready; at most five. */
export function unreadyDetails(teller: Teller, pods: readonly Pod[]): Detail[] {
  return pods
    .filter((pod) => !isReady(pod))
    .slice(0, MOST_PODS)
    .map((pod) => teller.detail(`pod ${keyOf(pod)} is not ready: ${unreadyText(pod)}`, idOf(pod)));
}
