import { isDeepStrictEqual } from 'node:util';
import type { EventRecorder, Informer } from '../../client/index.ts';
import {
  ApiError,
  keyOf,
  nodeKind,
  podKind,
  withCondition,
  type Node,
  type Pod,
} from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { startLoop } from '../run.ts';
import type { Candidate } from './candidate.ts';
import { chooseNode } from './choose.ts';

const COMPONENT = 'default-scheduler';
const NODE_INDEX = 'spec.nodeName';

function isScheduled(pod: Pod): boolean {
  return pod.spec.nodeName !== undefined && pod.spec.nodeName !== '';
}

function isDone(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** The scheduler's own note in a pod's status is no reason to try it again. */
function isOtherWish(previous: Pod, next: Pod): boolean {
  return (
    previous.metadata.uid !== next.metadata.uid ||
    !isDeepStrictEqual(previous.spec, next.spec) ||
    !isDeepStrictEqual(previous.metadata.labels, next.metadata.labels)
  );
}

class Scheduler {
  private readonly context: ControllerContext;
  private readonly pods: Informer<Pod>;
  private readonly nodes: Informer<Node>;
  private readonly events: EventRecorder;
  /** Bound by us, not yet seen so in the cache: they fill their node all the same. */
  private readonly assumed = new Map<string, Pod>();
  /** Pods that fitted nowhere; each change that could help tries them again. */
  readonly unschedulable = new Set<string>();

  constructor(context: ControllerContext, caches: { pods: Informer<Pod>; nodes: Informer<Node> }) {
    this.context = context;
    this.pods = caches.pods;
    this.nodes = caches.nodes;
    this.events = context.events(COMPONENT);
  }

  forgetAssumed(pod: Pod): void {
    this.assumed.delete(pod.metadata.uid ?? '');
  }

  private candidates(): Candidate[] {
    const assumed = [...this.assumed.values()];
    return this.nodes
      .list()
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map((node) => ({
        node,
        pods: [
          ...this.pods.byIndex(NODE_INDEX, node.metadata.name).filter((pod) => !isDone(pod)),
          ...assumed.filter(({ spec }) => spec.nodeName === node.metadata.name),
        ],
      }));
  }

  async schedule(key: string): Promise<void> {
    const pod = this.pods.get(key);
    this.unschedulable.delete(key);
    if (pod === undefined || isScheduled(pod) || isDone(pod)) return;
    if (pod.metadata.deletionTimestamp !== undefined) return;
    if ((pod.spec.schedulerName ?? COMPONENT) !== COMPONENT) return;
    if ((pod.spec.schedulingGates ?? []).length > 0) return;
    if (this.assumed.has(pod.metadata.uid ?? '')) return;
    const choice = chooseNode(pod, this.candidates());
    if (choice.node === undefined) await this.refuse(pod, choice.message);
    else await this.bind(pod, choice.node);
  }

  private async bind(pod: Pod, nodeName: string): Promise<void> {
    const { name, namespace = '', uid = '' } = pod.metadata;
    this.assumed.set(uid, { ...pod, spec: { ...pod.spec, nodeName } });
    try {
      await this.context.client.createSubresource(
        podKind,
        { name, namespace, subresource: 'binding' },
        {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name, namespace, uid },
          target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
        },
      );
    } catch (error) {
      this.assumed.delete(uid);
      const isGone =
        error instanceof ApiError && (error.reason === 'NotFound' || error.reason === 'Conflict');
      if (!isGone) throw error;
      return;
    }
    this.events.event(pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${namespace}/${name} to ${nodeName}`,
    });
  }

  private async refuse(pod: Pod, message: string): Promise<void> {
    const { name, namespace = '' } = pod.metadata;
    this.unschedulable.add(keyOf(pod));
    this.events.event(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    const conditions = withCondition(
      pod.status?.conditions,
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
      this.context.clock,
    );
    const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (before?.message === message) return;
    await this.context.client.patch(
      podKind,
      { name, namespace, subresource: 'status' },
      { type: 'merge', body: { status: { conditions } } },
    );
  }
}

/** Gives every pod a node. */
export function startScheduler(context: ControllerContext): Controller {
  const pods = context.informers.of(podKind);
  const nodes = context.informers.of(nodeKind);
  pods.indexBy(NODE_INDEX, ({ spec }) => (spec.nodeName === undefined ? [] : [spec.nodeName]));
  const scheduler = new Scheduler(context, { pods, nodes });
  const { queue, controller } = startLoop({
    name: COMPONENT,
    context,
    caches: [pods, nodes],
    reconcile: (key) => scheduler.schedule(key),
  });
  const retry = (): void => {
    for (const key of scheduler.unschedulable) queue.add(key);
  };
  pods.onChange(({ previous, next }) => {
    if (next === undefined) {
      if (previous !== undefined) scheduler.forgetAssumed(previous);
      retry();
    } else if (isScheduled(next)) {
      scheduler.forgetAssumed(next);
      if (isDone(next)) retry();
    } else if (previous === undefined || isOtherWish(previous, next)) queue.add(keyOf(next));
  });
  nodes.onChange(retry);
  return controller;
}
