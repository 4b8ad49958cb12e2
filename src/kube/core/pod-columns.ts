import { ageColumn, column, nameColumn, none, orNone } from '../columns.ts';
import { conditionOf, isConditionTrue } from '../conditions.ts';
import type { Column } from '../kind.ts';
import { age } from '../time.ts';
import { isSidecar } from './container.ts';
import {
  isPodTerminal,
  type ContainerStatus,
  type ContainerStateTerminated,
  type Pod,
} from './pod-types.ts';

/** What the columns say of a pod. */
interface Summary {
  ready: number;
  restarts: number;
  /** Latest end of a container that was started again; empty when none was. */
  lastRestart: string;
  reason: string;
}

/** The order of the steps is that of `printPod` in `pkg/printers/internalversion/printers.go`. */
function summarise(pod: Pod): Summary {
  const summary: Summary = {
    ready: 0,
    restarts: 0,
    lastRestart: '',
    reason: initialReason(pod),
  };
  const isInitializing = summariseInit(pod, summary);
  if (!isInitializing || isConditionTrue(pod.status?.conditions, 'Initialized')) {
    countSidecarsOnly(pod, summary);
    summariseMain(pod, summary);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (pod.status?.reason === 'NodeLost') summary.reason = 'Unknown';
    else if (!isPodTerminal(pod)) summary.reason = 'Terminating';
  }
  return summary;
}

function initialReason({ status }: Pod): string {
  const scheduled = conditionOf(status?.conditions, 'PodScheduled');
  if (scheduled?.reason === 'SchedulingGated') return 'SchedulingGated';
  return status?.reason || status?.phase || '';
}

function sidecarNames(pod: Pod): ReadonlySet<string> {
  return new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
}

function countRestarts(status: ContainerStatus, summary: Summary): void {
  summary.restarts += status.restartCount;
  const finishedAt = status.lastState?.terminated?.finishedAt ?? '';
  if (finishedAt > summary.lastRestart) summary.lastRestart = finishedAt;
}

function endReason({ reason, signal, exitCode }: ContainerStateTerminated): string {
  if (reason !== undefined && reason !== '') return reason;
  return signal === undefined || signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`;
}

/** Stops at the first init container that is not through. @returns whether there is one. */
function summariseInit(pod: Pod, summary: Summary): boolean {
  const sidecars = sidecarNames(pod);
  const total = pod.spec.initContainers?.length ?? 0;
  for (const [position, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    countRestarts(status, summary);
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started === true) {
      if (status.ready) summary.ready += 1;
      continue;
    }
    const why = terminated === undefined ? waitingReason(waiting?.reason) : endReason(terminated);
    summary.reason = `Init:${why ?? `${position}/${total}`}`;
    return true;
  }
  return false;
}

function waitingReason(reason: string | undefined): string | undefined {
  return reason === '' || reason === 'PodInitializing' ? undefined : reason;
}

/** Once a pod is initialized, the restarts of its finished init containers no longer matter. */
function countSidecarsOnly(pod: Pod, summary: Summary): void {
  const sidecars = sidecarNames(pod);
  summary.restarts = 0;
  summary.lastRestart = '';
  for (const status of pod.status?.initContainerStatuses ?? []) {
    if (sidecars.has(status.name)) countRestarts(status, summary);
  }
}

function summariseMain(pod: Pod, summary: Summary): void {
  let hasRunning = false;
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    countRestarts(status, summary);
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason !== undefined && waiting.reason !== '') summary.reason = waiting.reason;
    else if (terminated !== undefined) summary.reason = endReason(terminated);
    else if (status.ready && running !== undefined) {
      hasRunning = true;
      summary.ready += 1;
    }
  }
  if (summary.reason === 'Completed' && hasRunning) {
    summary.reason = isConditionTrue(pod.status?.conditions, 'Ready') ? 'Running' : 'NotReady';
  }
}

function restartsText({ restarts, lastRestart }: Summary, now: number): string {
  return restarts === 0 || lastRestart === ''
    ? String(restarts)
    : `${restarts} (${age(lastRestart, now)} ago)`;
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return none;
  const open = gates.filter((gate) => isConditionTrue(status?.conditions, gate.conditionType));
  return `${open.length}/${gates.length}`;
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  column('Ready', 'Containers that are ready, of all that run side by side.', (pod) => {
    const total = pod.spec.containers.length + sidecarNames(pod).size;
    return `${summarise(pod).ready}/${total}`;
  }),
  column('Status', 'What the pod is doing, or why it does not.', (pod) => summarise(pod).reason),
  column('Restarts', 'How often its containers were started again.', (pod, now) =>
    restartsText(summarise(pod), now),
  ),
  ageColumn,
  column('IP', 'The primary address of the pod.', (pod) => orNone(pod.status?.podIPs?.[0]?.ip), {
    wide: true,
  }),
  column('Node', 'The node it is bound to.', (pod) => orNone(pod.spec.nodeName), { wide: true }),
  column(
    'Nominated Node',
    'The node where room is being made for it.',
    (pod) => orNone(pod.status?.nominatedNodeName),
    { wide: true },
  ),
  column('Readiness Gates', 'Gates that are open, of all.', readinessGates, { wide: true }),
];
