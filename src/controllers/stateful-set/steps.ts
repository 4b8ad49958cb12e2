import { isPodTerminal, scaledValue, type Pod, type StatefulSet } from '../../kube/index.ts';
import { availableAt, isReady } from '../pods.ts';
import { ordinalOf, ordinalsOf, revisionOf } from './identity.ts';

/** What to do now. In order, there is at most one thing to do at a time. */
export interface Steps {
  readonly create: readonly number[];
  readonly remove: readonly Pod[];
}

export interface StatefulView {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** Name of the ControllerRevision of the present template. */
  readonly updateRevision: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const nothing: Steps = { create: [], remove: [] };

function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isReady(pod);
}

export function isAvailable(pod: Pod, { set, now }: Pick<StatefulView, 'set' | 'now'>): boolean {
  if (!isRunningAndReady(pod)) return false;
  return (availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Infinity) <= now;
}

/** Pods by ordinal, those that the set should have. */
function members({ set, pods }: StatefulView): Map<number, Pod> {
  return new Map(pods.map((pod) => [ordinalOf(set, pod) ?? -1, pod]));
}

/** Pods beyond the wanted ordinals, highest first. */
function condemned({ set, pods }: StatefulView): Pod[] {
  const wanted = new Set(ordinalsOf(set));
  const ordinal = (pod: Pod): number => ordinalOf(set, pod) ?? -1;
  return pods
    .filter((pod) => ordinal(pod) >= 0 && !wanted.has(ordinal(pod)))
    .sort((one, two) => ordinal(two) - ordinal(one));
}

/** OrderedReady: a pod is made when all before it are available, and goes when all after it are gone. */
function nextInOrder(view: StatefulView): Steps | undefined {
  const existing = members(view);
  for (const ordinal of ordinalsOf(view.set)) {
    const pod = existing.get(ordinal);
    if (pod === undefined) return { create: [ordinal], remove: [] };
    if (isTerminating(pod)) return nothing;
    if (isPodTerminal(pod)) return { create: [], remove: [pod] };
    if (!isAvailable(pod, view)) return nothing;
  }
  const [last] = condemned(view);
  if (last === undefined) return undefined;
  return isTerminating(last) ? nothing : { create: [], remove: [last] };
}

/** Parallel: all at once. */
function nextAtOnce(view: StatefulView): Steps | undefined {
  const existing = members(view);
  const create = ordinalsOf(view.set).filter((ordinal) => !existing.has(ordinal));
  const ended = view.pods.filter(isPodTerminal);
  const remove = [...new Set([...ended, ...condemned(view)])].filter((pod) => !isTerminating(pod));
  return create.length + remove.length === 0 ? undefined : { create, remove };
}

function mayBeUnavailable({ spec }: StatefulSet): number {
  const amount = spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
  return Math.max(1, scaledValue(amount, spec.replicas ?? 1, 'up') ?? 1);
}

/** A rolling update goes from the highest ordinal down to the partition, a pod when the one after it is available again. */
function nextUpdate(view: StatefulView): Steps {
  const { set, updateRevision } = view;
  if (set.spec.updateStrategy?.type === 'OnDelete') return nothing;
  const existing = members(view);
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const remove: Pod[] = [];
  let room = mayBeUnavailable(set);
  for (const ordinal of ordinalsOf(set).slice(partition).reverse()) {
    const pod = existing.get(ordinal);
    const isOld = pod !== undefined && !isTerminating(pod) && revisionOf(pod) !== updateRevision;
    if (isOld) remove.push(pod);
    if (isOld || pod === undefined || isTerminating(pod) || !isAvailable(pod, view)) room -= 1;
    if (room === 0) break;
  }
  return { create: [], remove };
}

/** Decides what a StatefulSet needs now. */
export function nextSteps(view: StatefulView): Steps {
  const isParallel = view.set.spec.podManagementPolicy === 'Parallel';
  return (isParallel ? nextAtOnce(view) : nextInOrder(view)) ?? nextUpdate(view);
}

/** Whether a new pod of this ordinal is made of the set's old template: below the partition of a rolling update. */
export function keepsOldTemplate({ spec }: StatefulSet, ordinal: number): boolean {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'OnDelete') return false;
  return ordinal < (spec.ordinals?.start ?? 0) + (rollingUpdate?.partition ?? 0);
}
