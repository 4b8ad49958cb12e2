import {
  isPodTerminal,
  type Condition,
  type ContainerState,
  type ContainerStatus,
  type Pod,
  type PodPhase,
  type PodStatus,
} from '../../kube/index.ts';
import type { ContainerStatus as RuntimeStatus } from '../../runtime/index.ts';
import { isOver } from './decide.ts';
import {
  hasExited,
  isFinished,
  isInitialized,
  isRunning,
  type ContainerRecord,
} from './records.ts';

/** Why a pod was ended by its node. */
export interface PodFailure {
  /** `DeadlineExceeded` */
  readonly reason: string;
  readonly message: string;
}

/** What a pod's status is computed from. */
export interface StatusInputs {
  readonly pod: Pod;
  readonly records: readonly ContainerRecord[];
  readonly hostIPs: readonly string[];
  readonly podIPs: readonly string[];
  /** True from the making of the pod's network on. */
  readonly hasSandbox: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly failure?: PodFailure;
}

function time(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined) return undefined;
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

function terminated(status: RuntimeStatus): ContainerState {
  const exitCode = status.exitCode ?? 0;
  return {
    terminated: {
      exitCode,
      reason: status.reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
      ...(status.message === undefined ? {} : { message: status.message }),
      ...(exitCode > 128 && exitCode < 160 ? { signal: exitCode - 128 } : {}),
      startedAt: time(status.startedAt),
      finishedAt: time(status.finishedAt),
      containerID: `runc://${status.id}`,
    },
  };
}

function waiting(record: ContainerRecord, isBlocked: boolean): ContainerState {
  const reason = isBlocked ? 'PodInitializing' : 'ContainerCreating';
  return { waiting: record.waiting ?? { reason } };
}

function stateOf(
  record: ContainerRecord,
  inputs: StatusInputs,
  isBlocked: boolean,
): ContainerState {
  const { current } = record;
  if (current?.state === 'running') return { running: { startedAt: time(current.startedAt) } };
  const policy = inputs.pod.spec.restartPolicy ?? 'Always';
  const isBeingDeleted = inputs.pod.metadata.deletionTimestamp !== undefined;
  if (current === undefined) return waiting(record, isBlocked);
  if (isFinished(record, policy) || isBeingDeleted || record.waiting === undefined) {
    return terminated(current);
  }
  return waiting(record, isBlocked);
}

function lastStateOf(record: ContainerRecord, state: ContainerState): ContainerState {
  const { current, previous } = record;
  if (state.terminated === undefined && hasExited(record) && current !== undefined) {
    return terminated(current);
  }
  return previous === undefined ? {} : terminated(previous);
}

function containerStatus(
  record: ContainerRecord,
  inputs: StatusInputs,
  isBlocked: boolean,
): ContainerStatus {
  const state = stateOf(record, inputs, isBlocked);
  const running = isRunning(record);
  const isDoneInit = record.role === 'init' && isInitialized(record);
  return {
    name: record.container.name,
    image: record.image?.reference ?? record.container.image ?? '',
    imageID: record.image?.id ?? '',
    ...(record.current === undefined ? {} : { containerID: `runc://${record.current.id}` }),
    restartCount: Math.max(0, record.attempt),
    ready: isDoneInit || (running && record.isStarted && record.isReady),
    started: running && record.isStarted,
    state,
    lastState: lastStateOf(record, state),
  };
}

/**
 * The pod's phase as the kubelet computes it (core/v1 PodPhase). A pod that has ended never comes back, and none has
 * ended while a container of it runs: controllers replace ended pods at once.
 */
export function podPhase(inputs: Pick<StatusInputs, 'pod' | 'records' | 'failure'>): PodPhase {
  const { pod, records, failure } = inputs;
  if (isPodTerminal(pod) && pod.status?.phase !== undefined) return pod.status.phase;
  const mains = records.filter(({ role }) => role === 'main');
  const inits = records.filter(({ role }) => role === 'init');
  if (!records.some(isRunning)) {
    if (failure !== undefined) return 'Failed';
    if (isOver(pod, records)) {
      const ended = [...inits, ...mains].filter(hasExited);
      return ended.every(({ current }) => current?.exitCode === 0) ? 'Succeeded' : 'Failed';
    }
  }
  const hasBegun = mains.every(({ attempt }) => attempt >= 0);
  return hasBegun && (inits.every(isInitialized) || mains.some(isRunning)) ? 'Running' : 'Pending';
}

/** Keeps the old transition time when the status did not change. */
function condition(inputs: StatusInputs, next: Condition): Condition {
  const old = inputs.pod.status?.conditions?.find(({ type }) => type === next.type);
  const hasMoved = old?.status !== next.status;
  return {
    ...next,
    lastProbeTime: null,
    lastTransitionTime: hasMoved ? time(inputs.now) : old?.lastTransitionTime,
  };
}

function readinessGatesHold(pod: Pod): string[] {
  return (pod.spec.readinessGates ?? [])
    .map(({ conditionType }) => conditionType)
    .filter(
      (type) => pod.status?.conditions?.find((entry) => entry.type === type)?.status !== 'True',
    );
}

function unready(
  inputs: StatusInputs,
  statuses: readonly ContainerStatus[],
  phase: string,
): { reason: string; message?: string } | undefined {
  if (phase === 'Succeeded') return { reason: 'PodCompleted' };
  if (phase === 'Failed') return { reason: 'PodFailed' };
  const relevant = new Set(
    inputs.records.filter(({ role }) => role !== 'init').map(({ container }) => container.name),
  );
  const missing = statuses.filter(({ name, ready }) => relevant.has(name) && !ready);
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(' ');
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` };
}

function conditions(
  inputs: StatusInputs,
  statuses: readonly ContainerStatus[],
  phase: string,
): Condition[] {
  const { pod, records } = inputs;
  const pendingInits = records.filter((record) => record.role === 'init' && !isInitialized(record));
  const notReady = unready(inputs, statuses, phase);
  const gates = readinessGatesHold(pod);
  const ready =
    notReady ??
    (gates.length === 0
      ? undefined
      : {
          reason: 'ReadinessGatesNotReady',
          message: gates
            .map((gate) => `the status of pod readiness gate "${gate}" is not "True"`)
            .join(', '),
        });
  const initialized =
    pendingInits.length === 0 || phase === 'Succeeded'
      ? undefined
      : {
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${pendingInits.map(({ container }) => container.name).join(' ')}]`,
        };
  const make = (type: string, why: { reason: string; message?: string } | undefined): Condition =>
    condition(inputs, { type, status: why === undefined ? 'True' : 'False', ...why });
  const own = [
    make('PodReadyToStartContainers', inputs.hasSandbox ? undefined : { reason: '' }),
    make('Initialized', initialized),
    make('Ready', ready),
    make('ContainersReady', notReady),
  ].map((entry) => {
    if (entry.reason === '') delete entry.reason;
    return entry;
  });
  const types = new Set(own.map(({ type }) => type));
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !types.has(type));
  return [...own, ...others];
}

/** Computes the whole status of a pod; what other components wrote (PodScheduled, gates) is kept. */
export function podStatus(inputs: StatusInputs): PodStatus {
  const { pod, records, hostIPs, podIPs } = inputs;
  const initsDone = records.filter(({ role }) => role !== 'main').every(isInitialized);
  const statuses = records.map((record) => containerStatus(record, inputs, !initsDone));
  const phase = podPhase(inputs);
  const isMain = (index: number): boolean => records[index]?.role === 'main';
  const inits = statuses.filter((_, index) => !isMain(index));
  return {
    ...pod.status,
    phase,
    ...inputs.failure,
    observedGeneration: pod.metadata.generation,
    conditions: conditions(inputs, statuses, phase),
    hostIP: hostIPs[0],
    hostIPs: hostIPs.map((ip) => ({ ip })),
    ...(podIPs.length === 0 ? {} : { podIP: podIPs[0], podIPs: podIPs.map((ip) => ({ ip })) }),
    startTime: pod.status?.startTime ?? time(inputs.now),
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits }),
    containerStatuses: statuses.filter((_, index) => isMain(index)),
  };
}
