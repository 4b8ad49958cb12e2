import {
  isPodTerminal,
  scaledValue,
  type DaemonSet,
  type Node,
  type Pod,
} from '../../kube/index.ts';
import { availableAt, isReady } from '../pods.ts';
import { hashOf, nodeOf } from './daemon-pod.ts';
import { placementOf, type Placement } from './placement.ts';

export interface DaemonView {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** Of the present template. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What to do now: `create` names nodes. */
export interface Steps {
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** One node as the set sees it. */
export interface Place {
  readonly node: string;
  readonly placement: Placement;
  /** Oldest first, those on their way out included. */
  readonly pods: readonly Pod[];
}

function byCreation(one: Pod, two: Pod): number {
  const [first = '', second = ''] = [one, two].map(({ metadata }) => metadata.creationTimestamp);
  return first < second ? -1 : Number(first > second);
}

export function placesOf({ set, nodes, pods }: DaemonView): Place[] {
  const byNode = Map.groupBy(pods, nodeOf);
  return nodes.map((node) => ({
    node: node.metadata.name,
    placement: placementOf(set, node),
    pods: (byNode.get(node.metadata.name) ?? []).toSorted(byCreation),
  }));
}

function isStaying({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined;
}

export function isAvailable(pod: Pod, { set, now }: Pick<DaemonView, 'set' | 'now'>): boolean {
  return (availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Infinity) <= now;
}

/** How many pods a rolling update may take down, or have beside the old ones. */
function limitsOf(
  { spec }: DaemonSet,
  desired: number,
): { readonly maxUnavailable: number; readonly maxSurge: number } {
  const { maxUnavailable = 1, maxSurge = 0 } = spec.updateStrategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, desired, 'up') ?? 0;
  const unavailable = scaledValue(maxUnavailable, desired, 'up') ?? 1;
  return { maxSurge: surge, maxUnavailable: surge > 0 ? unavailable : Math.max(1, unavailable) };
}

/** The first pod of the present template and the first of an older one, and all that are too many. */
function sorted(place: Place, { hash }: DaemonView) {
  const living = place.pods.filter((pod) => isStaying(pod) && !isPodTerminal(pod));
  const isNew = (pod: Pod): boolean => hashOf(pod) === hash;
  const newest = living.find(isNew);
  const old = living.find((pod) => !isNew(pod));
  return { living, newest, old };
}

/** Pods that a node has and should not have, whatever is rolled out. */
function surplus(place: Place, view: DaemonView): Pod[] {
  if (!place.placement.mayStay) return place.pods.filter(isStaying);
  const { living, newest, old } = sorted(place, view);
  const isRolling = view.set.spec.updateStrategy?.type !== 'OnDelete';
  const hasSurge = isRolling && limitsOf(view.set, view.nodes.length).maxSurge > 0;
  const isReplaced =
    newest !== undefined && old !== undefined && (isAvailable(newest, view) || !isReady(old));
  const kept = hasSurge && !isReplaced ? [newest, old] : [hasSurge ? (newest ?? old) : living[0]];
  return living.filter((pod) => !kept.includes(pod));
}

/** Pods that go for those of the present template to come. */
function replacements(places: readonly Place[], view: DaemonView, maxUnavailable: number): Pod[] {
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const place of places) {
    const { living, old } = sorted(place, view);
    const hasAvailable = living.some((pod) => isAvailable(pod, view));
    if (!hasAvailable) unavailable += 1;
    if (old === undefined || living.length > 1) continue;
    // An old pod that serves nobody is replaced at once: nothing is lost by it.
    if (hasAvailable) candidates.push(old);
    else broken.push(old);
  }
  return [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))];
}

/** Nodes that get a pod of the present template beside the old one. */
function surges(places: readonly Place[], view: DaemonView, maxSurge: number): string[] {
  const broken: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  for (const place of places) {
    const { newest, old } = sorted(place, view);
    if (newest !== undefined && old !== undefined && !isAvailable(newest, view)) surging += 1;
    if (newest !== undefined || old === undefined) continue;
    if (isAvailable(old, view)) candidates.push(place.node);
    else broken.push(place.node);
  }
  return [...broken, ...candidates.slice(0, Math.max(0, maxSurge - surging))];
}

function rollingSteps(places: readonly Place[], view: DaemonView): Steps {
  if (view.set.spec.updateStrategy?.type === 'OnDelete') return { create: [], remove: [] };
  const wanted = places.filter(({ placement }) => placement.shouldRun);
  const { maxUnavailable, maxSurge } = limitsOf(view.set, wanted.length);
  return maxSurge > 0
    ? { create: surges(wanted, view, maxSurge), remove: [] }
    : { create: [], remove: replacements(wanted, view, maxUnavailable) };
}

/** Pods that wait for a node that is gone: nothing but their set would ever end them. */
function stranded({ nodes, pods }: DaemonView): Pod[] {
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  return pods.filter(
    (pod) => isStaying(pod) && (pod.spec.nodeName ?? '') === '' && !names.has(nodeOf(pod) ?? ''),
  );
}

/** Decides what a DaemonSet needs now. Pods that have ended are not its business: see `failed-pods.ts`. */
export function nextSteps(view: DaemonView): Steps {
  const places = placesOf(view);
  const empty = places.filter(({ placement, pods }) => placement.shouldRun && pods.length === 0);
  const rolling = rollingSteps(places, view);
  const remove = [
    ...stranded(view),
    ...places.flatMap((place) => surplus(place, view)),
    ...rolling.remove,
  ];
  return {
    create: [...empty.map(({ node }) => node), ...rolling.create],
    remove: [...new Set(remove)],
  };
}
