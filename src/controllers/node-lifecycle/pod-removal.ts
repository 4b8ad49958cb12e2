import type { Client, EventRecorder } from '../../client/index.ts';
import type { Clock } from '../../clock/index.ts';
import {
  isPodTerminal,
  keyOf,
  podKind,
  withCondition,
  type ConditionState,
  type Pod,
  type PodStatus,
} from '../../kube/index.ts';
import { deleteIfThere } from '../ensure.ts';
import { isReady } from '../pods.ts';

/** Why a pod is ended from outside: `DisruptionTarget` of KEP-3329. */
function disruption(reason: string, message: string): ConditionState {
  return { type: 'DisruptionTarget', status: 'True', reason, message };
}

export interface PodRemovalOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly nodeEvents: EventRecorder;
  readonly evictionEvents: EventRecorder;
}

/** What happens to the pods of nodes that are lost; every step can be repeated. */
export class PodRemoval {
  private readonly options: PodRemovalOptions;

  constructor(options: PodRemovalOptions) {
    this.options = options;
  }

  /** Nobody can say that the pod still serves: Services leave it out from now on. */
  async markNotReady(pod: Pod): Promise<void> {
    if (!isReady(pod)) return;
    await this.state(pod, { type: 'Ready', status: 'False' });
    this.options.nodeEvents.event(pod, {
      type: 'Warning',
      reason: 'NodeNotReady',
      message: 'Node is not ready',
    });
  }

  /** Deletes a pod that does not tolerate its node's taints (any longer), with its grace. */
  async evict(pod: Pod): Promise<void> {
    const message = 'Taint manager: deleting due to NoExecute taint';
    await this.state(pod, disruption('DeletionByTaintManager', message));
    this.tellEviction(pod, `Marking for deletion Pod ${keyOf(pod)}`);
    await this.delete(pod);
  }

  /** Tells that the taints went before the pod's time was over. */
  spare(pod: Pod): void {
    this.tellEviction(pod, `Cancelling deletion of Pod ${keyOf(pod)}`);
  }

  /** Removes a pod whose node is no more: nobody is left who could end it in good order. */
  async forceDelete(pod: Pod): Promise<void> {
    if (!isPodTerminal(pod)) {
      const condition = disruption('DeletionByPodGC', 'PodGC: node no longer exists');
      await this.state(pod, condition, { phase: 'Failed' });
    }
    await this.delete(pod, { gracePeriodSeconds: 0 });
  }

  private tellEviction(pod: Pod, message: string): void {
    const reason = 'TaintManagerEviction';
    this.options.evictionEvents.event(pod, { type: 'Normal', reason, message });
  }

  private async state(pod: Pod, condition: ConditionState, more: PodStatus = {}): Promise<void> {
    const { client, clock } = this.options;
    const conditions = withCondition(pod.status?.conditions, condition, clock);
    await client.updateStatus(podKind, { ...pod, status: { ...pod.status, ...more, conditions } });
  }

  private async delete(pod: Pod, options: { gracePeriodSeconds?: number } = {}): Promise<void> {
    const { uid } = pod.metadata;
    const preconditions = uid === undefined ? {} : { uid };
    await deleteIfThere(this.options.client, podKind, pod, { ...options, preconditions });
  }
}
