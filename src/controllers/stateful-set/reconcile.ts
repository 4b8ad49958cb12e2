import { isDeepStrictEqual } from 'node:util';
import type { EventRecorder, Informer } from '../../client/index.ts';
import {
  isPodTerminal,
  keyOf,
  statefulSetKind,
  type ControllerRevision,
  type Pod,
  type StatefulSet,
  type StatefulSetStatus,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import { isRefusedByTermination } from '../ensure.ts';
import { OwnedPods, type PodMessages } from '../owned-pods/owned-pods.ts';
import { availableAt } from '../pods.ts';
import { RevisionHistory } from '../revisions/revision-history.ts';
import { claimNotice } from './claims.ts';
import { ordinalOf, revisionOf, statefulPod } from './identity.ts';
import { statefulStatus } from './status.ts';
import { keepsOldTemplate, nextSteps, type Steps } from './steps.ts';

export const COMPONENT = 'statefulset-controller';

const messages: PodMessages = {
  created: (pod, set) => `create Pod ${pod} in StatefulSet ${set} successful`,
  deleted: (pod, set) => `delete Pod ${pod} in StatefulSet ${set} successful`,
  notCreated: (pod, set, why) => `create Pod ${pod} in StatefulSet ${set} failed error: ${why}`,
  notDeleted: (pod, set, why) => `delete Pod ${pod} in StatefulSet ${set} failed error: ${why}`,
};

export interface StatefulSetCaches {
  readonly sets: Informer<StatefulSet>;
  readonly pods: Informer<Pod>;
}

/** The templates that the pods of a set are made of: before the rollout under way, and after. */
interface Revisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
}

/** One look at one StatefulSet. */
export class StatefulSetReconciler {
  readonly owned: OwnedPods<StatefulSet>;
  private readonly context: ControllerContext;
  private readonly caches: StatefulSetCaches;
  private readonly history: RevisionHistory<StatefulSet>;
  private readonly events: EventRecorder;
  private readonly again: (key: string, delayMs: number) => void;

  constructor(
    context: ControllerContext,
    caches: StatefulSetCaches,
    again: (key: string, delayMs: number) => void,
  ) {
    this.context = context;
    this.caches = caches;
    this.events = context.events(COMPONENT);
    this.again = again;
    this.history = new RevisionHistory({
      context,
      kind: statefulSetKind,
      hashLabel: 'controller.kubernetes.io/hash',
    });
    this.owned = new OwnedPods({
      context,
      kind: statefulSetKind,
      owners: caches.sets,
      pods: caches.pods,
      events: this.events,
      messages,
      adopts: (set, orphan) => ordinalOf(set, orphan) !== undefined,
    });
  }

  async reconcile(key: string): Promise<void> {
    const set = this.caches.sets.get(key);
    if (set === undefined) {
      this.owned.forget(key);
      return;
    }
    const pods = await this.owned.claim(set);
    if (set.metadata.deletionTimestamp !== undefined) return;
    const all = await this.history.of(set);
    const revisions = await this.revisionsOf(set, all);
    const sight = {
      set,
      pods,
      currentRevision: revisions.current.metadata.name,
      updateRevision: revisions.update.metadata.name,
      now: this.context.clock.now(),
    };
    const failure = this.owned.isUpToDate(set)
      ? await this.take(set, nextSteps(sight), revisions)
      : undefined;
    await this.writeStatus(set, statefulStatus(sight));
    await this.forgetOld(set, pods, revisions);
    this.waitForAvailability(set, pods);
    if (failure !== undefined) throw failure;
  }

  private async revisionsOf(
    set: StatefulSet,
    all: readonly ControllerRevision[],
  ): Promise<Revisions> {
    const update = await this.history.ensure(set, all);
    const known = all.find(({ metadata }) => metadata.name === set.status?.currentRevision);
    return { update, current: known ?? update };
  }

  /** @returns why it did not work, so that the status is written all the same */
  private async take(set: StatefulSet, steps: Steps, revisions: Revisions): Promise<unknown> {
    try {
      for (const pod of steps.remove) await this.remove(set, pod);
      for (const ordinal of steps.create) {
        const revision = keepsOldTemplate(set, ordinal) ? revisions.current : revisions.update;
        await this.owned.create(set, statefulPod(set, ordinal, revision));
        this.tellOfClaims(set);
      }
      return undefined;
    } catch (error) {
      return isRefusedByTermination(error) ? undefined : error;
    }
  }

  private async remove(set: StatefulSet, pod: Pod): Promise<void> {
    if (isPodTerminal(pod)) {
      const phase = pod.status?.phase === 'Failed' ? 'failed' : 'terminated';
      const reason = phase === 'failed' ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod';
      const message = `StatefulSet ${keyOf(set)} is recreating ${phase} Pod ${pod.metadata.name}`;
      const type = phase === 'failed' ? 'Warning' : 'Normal';
      this.events.event(set, { type, reason, message });
    }
    await this.owned.delete(set, pod);
  }

  private tellOfClaims(set: StatefulSet): void {
    const message = claimNotice(set);
    if (message === undefined) return;
    this.events.event(set, { type: 'Warning', reason: 'StorageNotProvisioned', message });
  }

  private async writeStatus(set: StatefulSet, status: StatefulSetStatus): Promise<void> {
    if (isDeepStrictEqual(status, set.status)) return;
    await this.context.client.updateStatus(statefulSetKind, { ...set, status });
  }

  private async forgetOld(
    set: StatefulSet,
    pods: readonly Pod[],
    { current, update }: Revisions,
  ): Promise<void> {
    const inUse = new Set([current, update].map(({ metadata }) => metadata.name));
    for (const pod of pods) inUse.add(revisionOf(pod));
    const all = await this.history.of(set);
    await this.history.truncate(set, all, ({ metadata }) => inUse.has(metadata.name));
  }

  /** Comes back when the next pod has been ready for `minReadySeconds`. */
  private waitForAvailability(set: StatefulSet, pods: readonly Pod[]): void {
    const now = this.context.clock.now();
    const times = pods
      .map((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0) ?? 0)
      .filter((time) => time > now);
    if (times.length > 0) this.again(keyOf(set), Math.min(...times) - now);
  }
}
