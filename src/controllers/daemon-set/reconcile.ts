import { isDeepStrictEqual } from 'node:util';
import type { EventRecorder, Informer } from '../../client/index.ts';
import {
  daemonSetKind,
  keyOf,
  type DaemonSet,
  type DaemonSetStatus,
  type Node,
  type Pod,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import { isRefusedByTermination } from '../ensure.ts';
import { OwnedPods } from '../owned-pods/owned-pods.ts';
import { atOnce, slowStart } from '../owned-pods/rounds.ts';
import { availableAt } from '../pods.ts';
import { RevisionHistory } from '../revisions/revision-history.ts';
import { daemonPod, HASH_LABEL, hashOf, nodeOf } from './daemon-pod.ts';
import { FailedPods } from './failed-pods.ts';
import { daemonStatus } from './status.ts';
import { nextSteps, type DaemonView } from './steps.ts';

export const COMPONENT = 'daemonset-controller';

export interface DaemonSetCaches {
  readonly sets: Informer<DaemonSet>;
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
}

/** One look at one DaemonSet. */
export class DaemonSetReconciler {
  readonly owned: OwnedPods<DaemonSet>;
  private readonly context: ControllerContext;
  private readonly caches: DaemonSetCaches;
  private readonly history: RevisionHistory<DaemonSet>;
  private readonly failed: FailedPods;
  private readonly events: EventRecorder;
  private readonly again: (key: string, delayMs: number) => void;

  constructor(
    context: ControllerContext,
    caches: DaemonSetCaches,
    again: (key: string, delayMs: number) => void,
  ) {
    this.context = context;
    this.caches = caches;
    this.events = context.events(COMPONENT);
    this.again = again;
    this.failed = new FailedPods(context.clock);
    this.history = new RevisionHistory({ context, kind: daemonSetKind, hashLabel: HASH_LABEL });
    this.owned = new OwnedPods({
      context,
      kind: daemonSetKind,
      owners: caches.sets,
      pods: caches.pods,
      events: this.events,
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
    const revision = await this.history.ensure(set, await this.history.of(set));
    const view: DaemonView = {
      set,
      pods,
      nodes: this.caches.nodes.list(),
      hash: hashOf(revision),
      now: this.context.clock.now(),
    };
    const failure = this.owned.isUpToDate(set) ? await this.act(view) : undefined;
    await this.writeStatus(set, daemonStatus(view));
    await this.forgetOld(view);
    this.waitForAvailability(view);
    if (failure !== undefined) throw failure;
  }

  /** @returns why it did not work, so that the status is written all the same */
  private async act(view: DaemonView): Promise<unknown> {
    const { set, hash } = view;
    const { create, remove } = nextSteps(view);
    try {
      await this.replaceFailed(view);
      await atOnce(remove, (pod) => this.owned.delete(set, pod));
      await slowStart(create, (node) => this.owned.create(set, daemonPod(set, node, hash)));
      return undefined;
    } catch (error) {
      return isRefusedByTermination(error) ? undefined : error;
    }
  }

  private async replaceFailed({ set, pods, now }: DaemonView): Promise<void> {
    const due = this.failed.due(set, pods);
    if (due.againAt !== Infinity) this.again(keyOf(set), due.againAt - now);
    for (const pod of due.pods) {
      const isFailed = pod.status?.phase === 'Failed';
      const what = isFailed ? 'failed' : 'succeeded';
      const { name, namespace = '' } = pod.metadata;
      this.events.event(set, {
        type: isFailed ? 'Warning' : 'Normal',
        reason: isFailed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
        message: `Found ${what} daemon pod ${namespace}/${name} on node ${nodeOf(pod) ?? ''}, will try to delete it`,
      });
      this.failed.replaced(set, pod);
      await this.owned.delete(set, pod);
    }
  }

  private async writeStatus(set: DaemonSet, status: DaemonSetStatus): Promise<void> {
    if (isDeepStrictEqual(status, set.status)) return;
    await this.context.client.updateStatus(daemonSetKind, { ...set, status });
  }

  private async forgetOld({ set, pods, hash }: DaemonView): Promise<void> {
    const inUse = new Set([hash, ...pods.map(hashOf)]);
    const all = await this.history.of(set);
    await this.history.truncate(set, all, (revision) => inUse.has(hashOf(revision)));
  }

  /** Comes back when the next pod has been ready for `minReadySeconds`. */
  private waitForAvailability({ set, pods, now }: DaemonView): void {
    const times = pods
      .map((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0) ?? 0)
      .filter((time) => time > now);
    if (times.length > 0) this.again(keyOf(set), Math.min(...times) - now);
  }
}
