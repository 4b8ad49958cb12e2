import type { EventRecorder, Informer } from '../client/index.ts';
import { randomSuffix } from './random-suffix.ts';
import { messageOf } from '../fault/index.ts';
import {
  ApiError,
  compileSelector,
  controllerOf,
  keyOf,
  ownerReference,
  podKind,
  replicaSetKind,
  withoutCondition,
  withCondition,
  type Pod,
  type ReplicaSet,
} from '../kube/index.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { Expectations } from './expectations.ts';
import { availableAt, byLeastLoss, isActive, isReady } from './pods.ts';
import { startLoop } from './run.ts';

const COMPONENT = 'replicaset-controller';
/** As kube-controller-manager: more than this many at once wait for the next round. */
const BURST = 500;
const OWNER_INDEX = 'controllerUid';

class ReplicaSetReconciler {
  private readonly context: ControllerContext;
  private readonly sets: Informer<ReplicaSet>;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;
  private readonly expectations: Expectations;
  private readonly again: (key: string, delayMs: number) => void;

  constructor(
    context: ControllerContext,
    caches: { sets: Informer<ReplicaSet>; pods: Informer<Pod> },
    again: (key: string, delayMs: number) => void,
  ) {
    this.context = context;
    this.sets = caches.sets;
    this.pods = caches.pods;
    this.events = context.events(COMPONENT);
    this.expectations = new Expectations(context.clock);
    this.again = again;
  }

  /** Notes a change of a pod. @returns the keys of the sets that it concerns. */
  podChanged(previous: Pod | undefined, next: Pod | undefined): string[] {
    const keys = new Set<string>();
    for (const pod of [previous, next]) {
      const owner = pod === undefined ? undefined : controllerOf(pod);
      if (pod !== undefined && owner?.kind === 'ReplicaSet') {
        keys.add(`${pod.metadata.namespace ?? ''}/${owner.name}`);
      }
    }
    const name = (next ?? previous)?.metadata.name ?? '';
    const isSettled =
      previous === undefined || next === undefined || next.metadata.deletionTimestamp !== undefined;
    if (isSettled) for (const key of keys) this.expectations.observed(key, name);
    if (next !== undefined && controllerOf(next) === undefined) {
      for (const set of this.setsThatSelect(next)) keys.add(keyOf(set));
    }
    return [...keys];
  }

  private setsThatSelect(pod: Pod): ReplicaSet[] {
    return this.sets
      .list()
      .filter(
        (set) =>
          set.metadata.namespace === pod.metadata.namespace &&
          compileSelector(set.spec.selector).matches(pod.metadata.labels),
      );
  }

  async reconcile(key: string): Promise<void> {
    const set = this.sets.get(key);
    if (set === undefined) {
      this.expectations.forget(key);
      return;
    }
    const pods = await this.claim(set);
    const active = pods.filter(isActive);
    const isBeingDeleted = set.metadata.deletionTimestamp !== undefined;
    let failure: string | undefined;
    if (!isBeingDeleted && this.expectations.areMet(key)) {
      failure = await this.scale(set, active);
    }
    await this.writeStatus(set, active, failure);
  }

  /** The set's pods; orphans that it selects are adopted, pods that it no longer selects released. */
  private async claim(set: ReplicaSet): Promise<Pod[]> {
    const selector = compileSelector(set.spec.selector);
    const owned = this.pods.byIndex(OWNER_INDEX, set.metadata.uid ?? '');
    const mine = owned.filter((pod) => selector.matches(pod.metadata.labels));
    if (set.metadata.deletionTimestamp !== undefined) return mine;
    for (const pod of owned) {
      if (selector.matches(pod.metadata.labels)) continue;
      if (pod.metadata.deletionTimestamp === undefined) await this.release(pod, set);
    }
    const orphans = this.pods
      .byIndex(OWNER_INDEX, orphansOf(set.metadata.namespace ?? ''))
      .filter((pod) => isActive(pod) && selector.matches(pod.metadata.labels));
    for (const orphan of orphans) mine.push(await this.adopt(orphan, set));
    return mine;
  }

  private async release(pod: Pod, set: ReplicaSet): Promise<void> {
    const ownerReferences = (pod.metadata.ownerReferences ?? []).filter(
      ({ uid }) => uid !== set.metadata.uid,
    );
    await this.context.client.patch(podKind, refOf(pod), {
      type: 'merge',
      body: { metadata: { uid: pod.metadata.uid, ownerReferences } },
    });
  }

  private adopt(pod: Pod, set: ReplicaSet): Promise<Pod> {
    const others = pod.metadata.ownerReferences ?? [];
    const ownerReferences = [...others, ownerReference(replicaSetKind, set)];
    return this.context.client.patch(podKind, refOf(pod), {
      type: 'merge',
      body: { metadata: { uid: pod.metadata.uid, ownerReferences } },
    });
  }

  /** @returns why pods could not be created or deleted, if they could not. */
  private async scale(set: ReplicaSet, active: readonly Pod[]): Promise<string | undefined> {
    const difference = (set.spec.replicas ?? 1) - active.length;
    try {
      if (difference > 0) await this.create(set, Math.min(difference, BURST));
      else if (difference < 0) await this.remove(set, active, Math.min(-difference, BURST));
      return undefined;
    } catch (error) {
      // A namespace that is being emptied refuses: nothing to tell, nothing to repeat.
      if (error instanceof ApiError && error.reason === 'Forbidden' && isTerminating(error)) {
        return undefined;
      }
      this.again(keyOf(set), 1000);
      return messageOf(error);
    }
  }

  private async create(set: ReplicaSet, count: number): Promise<void> {
    // Slow start: when the first is refused (a quota, a bad template), the others are not tried.
    let batch = 1;
    for (let done = 0; done < count; done += batch, batch *= 2) {
      const size = Math.min(batch, count - done);
      await Promise.all(Array.from({ length: size }, () => this.createOne(set)));
    }
  }

  private async createOne(set: ReplicaSet): Promise<void> {
    const key = keyOf(set);
    const name = `${set.metadata.name.slice(0, 57)}-${randomSuffix()}`;
    const { template } = set.spec;
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        generateName: `${set.metadata.name}-`,
        namespace: set.metadata.namespace ?? '',
        labels: { ...template.metadata?.labels },
        ...(template.metadata?.annotations === undefined
          ? {}
          : { annotations: { ...template.metadata.annotations } }),
        ...(template.metadata?.finalizers === undefined
          ? {}
          : { finalizers: [...template.metadata.finalizers] }),
        ownerReferences: [ownerReference(replicaSetKind, set)],
      },
      spec: template.spec,
    };
    this.expectations.expect(key, name);
    try {
      await this.context.client.create(podKind, pod);
      this.tell(set, 'Normal', 'SuccessfulCreate', `Created pod: ${name}`);
    } catch (error) {
      this.expectations.observed(key, name);
      this.tell(set, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      throw error;
    }
  }

  private async remove(set: ReplicaSet, active: readonly Pod[], count: number): Promise<void> {
    const key = keyOf(set);
    const victims = active.toSorted(byLeastLoss).slice(0, count);
    await Promise.all(
      victims.map(async (pod) => {
        const { name, uid } = pod.metadata;
        this.expectations.expect(key, name);
        try {
          const preconditions = uid === undefined ? {} : { uid };
          await this.context.client.delete(podKind, refOf(pod), { preconditions });
          this.tell(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
        } catch (error) {
          this.expectations.observed(key, name);
          if (error instanceof ApiError && error.reason === 'NotFound') return;
          this.tell(set, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
          throw error;
        }
      }),
    );
  }

  private tell(set: ReplicaSet, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.events.event(set, { type, reason, message });
  }

  private async writeStatus(
    set: ReplicaSet,
    active: readonly Pod[],
    failure: string | undefined,
  ): Promise<void> {
    const now = this.context.clock.now();
    const minReady = set.spec.minReadySeconds ?? 0;
    const times = active.map((pod) => availableAt(pod, minReady)).filter((at) => at !== undefined);
    const later = times.filter((at) => at > now);
    if (later.length > 0) this.again(keyOf(set), Math.min(...later) - now);
    const templateLabels = Object.entries(set.spec.template.metadata?.labels ?? {});
    const status: ReplicaSet['status'] = {
      ...set.status,
      replicas: active.length,
      fullyLabeledReplicas: active.filter((pod) =>
        templateLabels.every(([name, value]) => pod.metadata.labels?.[name] === value),
      ).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: times.length - later.length,
      observedGeneration: set.metadata.generation ?? 1,
      conditions:
        failure === undefined
          ? withoutCondition(set.status?.conditions, 'ReplicaFailure')
          : withCondition(
              set.status?.conditions,
              { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure },
              this.context.clock,
            ),
    };
    if (status.conditions?.length === 0) delete status.conditions;
    if (JSON.stringify(status) === JSON.stringify(set.status)) return;
    await this.context.client.updateStatus(replicaSetKind, { ...set, status });
  }
}

function isTerminating(error: ApiError): boolean {
  return (
    error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true
  );
}

function refOf(pod: Pod): { name: string; namespace: string } {
  return { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' };
}

/** Index value of the pods of a namespace that nobody controls. */
function orphansOf(namespace: string): string {
  return `orphan:${namespace}`;
}

/** Keeps the number of pods that each ReplicaSet asks for. */
export function startReplicaSetController(context: ControllerContext): Controller {
  const sets = context.informers.of(replicaSetKind);
  const pods = context.informers.of(podKind);
  pods.indexBy(OWNER_INDEX, (pod) => [
    controllerOf(pod)?.uid ?? orphansOf(pod.metadata.namespace ?? ''),
  ]);
  const { queue, controller } = startLoop({
    name: COMPONENT,
    context,
    caches: [sets, pods],
    reconcile: (key) => reconciler.reconcile(key),
  });
  const reconciler = new ReplicaSetReconciler(context, { sets, pods }, (key, delayMs) =>
    queue.addAfter(key, delayMs),
  );
  sets.onChange(({ previous, next }) => {
    const set = next ?? previous;
    if (set !== undefined) queue.add(keyOf(set));
  });
  pods.onChange(({ previous, next }) => {
    for (const key of reconciler.podChanged(previous, next)) queue.add(key);
  });
  return controller;
}
