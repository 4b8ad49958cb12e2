import { isDeepStrictEqual } from 'node:util';
import type { Informer } from '../client/index.ts';
import { messageOf } from '../fault/index.ts';
import {
  keyOf,
  podKind,
  replicaSetKind,
  withoutCondition,
  withCondition,
  type Condition,
  type Pod,
  type ReplicaSet,
} from '../kube/index.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { isRefusedByTermination } from './ensure.ts';
import { OwnedPods } from './owned-pods/owned-pods.ts';
import { podOf } from './owned-pods/pod-of.ts';
import { atOnce, slowStart } from './owned-pods/rounds.ts';
import { availableAt, byLeastLoss, isActive, isReady } from './pods.ts';
import { randomSuffix } from './random-suffix.ts';
import { startLoop } from './run.ts';

const COMPONENT = 'replicaset-controller';
/** Of a name with its suffix, so that it is a label of DNS, too. */
const longestBase = 57;

function newPod(set: ReplicaSet): Pod {
  const { name } = set.metadata;
  return podOf(replicaSetKind, set, {
    name: `${name.slice(0, longestBase)}-${randomSuffix()}`,
    generateName: `${name}-`,
    template: set.spec.template,
  });
}

class ReplicaSetReconciler {
  readonly owned: OwnedPods<ReplicaSet>;
  private readonly context: ControllerContext;
  private readonly sets: Informer<ReplicaSet>;
  private readonly again: (key: string, delayMs: number) => void;

  constructor(
    context: ControllerContext,
    caches: { sets: Informer<ReplicaSet>; pods: Informer<Pod> },
    again: (key: string, delayMs: number) => void,
  ) {
    this.context = context;
    this.sets = caches.sets;
    this.again = again;
    this.owned = new OwnedPods({
      context,
      kind: replicaSetKind,
      owners: caches.sets,
      pods: caches.pods,
      events: context.events(COMPONENT),
    });
  }

  async reconcile(key: string): Promise<void> {
    const set = this.sets.get(key);
    if (set === undefined) {
      this.owned.forget(key);
      return;
    }
    const active = (await this.owned.claim(set)).filter(isActive);
    const isBeingDeleted = set.metadata.deletionTimestamp !== undefined;
    const mayScale = !isBeingDeleted && this.owned.isUpToDate(set);
    const failure = mayScale ? await this.scale(set, active) : undefined;
    await this.writeStatus(set, active, failure);
  }

  /** @returns why pods could not be created or deleted, if they could not. */
  private async scale(set: ReplicaSet, active: readonly Pod[]): Promise<string | undefined> {
    const missing = (set.spec.replicas ?? 1) - active.length;
    const drafts = Array.from({ length: Math.max(0, missing) }, () => newPod(set));
    const surplus = active.toSorted(byLeastLoss).slice(0, Math.max(0, -missing));
    try {
      await slowStart(drafts, (pod) => this.owned.create(set, pod));
      await atOnce(surplus, (pod) => this.owned.delete(set, pod));
      return undefined;
    } catch (error) {
      // A namespace that is being emptied refuses: nothing to tell, nothing to repeat.
      if (isRefusedByTermination(error)) return undefined;
      this.again(keyOf(set), 1000);
      return messageOf(error);
    }
  }

  private conditionsOf(set: ReplicaSet, failure: string | undefined): Condition[] {
    const { conditions } = set.status ?? {};
    if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
    return withCondition(
      conditions,
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure },
      this.context.clock,
    );
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
      conditions: this.conditionsOf(set, failure),
    };
    if (status.conditions?.length === 0) delete status.conditions;
    if (isDeepStrictEqual(status, set.status)) return;
    await this.context.client.updateStatus(replicaSetKind, { ...set, status });
  }
}

/** Keeps the number of pods that each ReplicaSet asks for. */
export function startReplicaSetController(context: ControllerContext): Controller {
  const sets = context.informers.of(replicaSetKind);
  const pods = context.informers.of(podKind);
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
    for (const key of reconciler.owned.changed(previous, next)) queue.add(key);
  });
  return controller;
}
