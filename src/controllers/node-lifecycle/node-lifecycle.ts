import type { Change, EventRecorder, Informer } from '../../client/index.ts';
import {
  isConditionTrue,
  leaseKind,
  nodeKind,
  podKind,
  type Node,
  type Pod,
} from '../../kube/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { isNotFound } from '../ensure.ts';
import { startLoop } from '../run.ts';
import { silentConditions } from './conditions.ts';
import { Countdowns } from './countdowns.ts';
import { Heartbeats } from './heartbeats.ts';
import { PodRemoval } from './pod-removal.ts';
import { changedTaints, noExecuteTaints, stayOf } from './taints.ts';

/** As kube-controller-manager signs its Events. */
const COMPONENT = 'node-controller';
const EVICTION_COMPONENT = 'taint-eviction-controller';
/** The name under which the scheduler and the agents keep the same index. */
const NODE_INDEX = 'spec.nodeName';
/** PodGC's quarantine: a node that was never seen may still register. */
const absenceMs = 40_000;

/** Keys of countdowns begin with the node's name, which has no space. */
function stayKey({ metadata, spec }: Pod): string {
  return `${spec.nodeName ?? ''} ${metadata.uid ?? ''}`;
}

function absenceKey(node: string): string {
  return `${node} absent`;
}

function isReady(node: Node): boolean {
  return isConditionTrue(node.status?.conditions, 'Ready');
}

class NodeLifecycle {
  readonly controller: Controller;
  private readonly context: ControllerContext;
  private readonly nodes: Informer<Node>;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;
  private readonly countdowns: Countdowns;
  private readonly heartbeats: Heartbeats;
  private readonly removal: PodRemoval;
  private readonly add: (node: string) => void;
  /** Nodes that stopped being ready and whose pods do not say so yet. */
  private readonly failing = new Set<string>();
  /** Nodes that were seen to be deleted. */
  private readonly departed = new Set<string>();

  constructor(context: ControllerContext) {
    this.context = context;
    const { client, clock, informers } = context;
    this.nodes = informers.of(nodeKind);
    this.pods = informers.of(podKind);
    const leases = informers.of(leaseKind);
    this.pods.indexBy(NODE_INDEX, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
    const { queue, controller } = startLoop({
      name: 'node-lifecycle',
      context,
      caches: [this.nodes, this.pods, leases],
      reconcile: (node) => this.reconcile(node),
    });
    this.add = (node) => queue.add(node);
    this.events = context.events(COMPONENT);
    const evictionEvents = context.events(EVICTION_COMPONENT);
    this.removal = new PodRemoval({ client, clock, nodeEvents: this.events, evictionEvents });
    this.countdowns = new Countdowns(clock, (key) => this.add(key.split(' ')[0] ?? ''));
    this.heartbeats = new Heartbeats(this.nodes, this.countdowns, this.add);
    this.controller = {
      name: controller.name,
      close: () => {
        this.countdowns.close();
        return controller.close();
      },
    };
    this.nodes.onChange((change) => this.nodeChanged(change));
    leases.onChange(({ previous, next }) => this.heartbeats.leaseChanged(previous, next));
    this.pods.onChange((change) => this.podChanged(change));
  }

  private nodeChanged({ previous, next }: Change<Node>): void {
    const node = next ?? previous;
    if (node === undefined) return;
    const { name } = node.metadata;
    this.heartbeats.nodeChanged(previous, next);
    this.add(name);
    if (next === undefined) {
      this.departed.add(name);
      this.tell(node, 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
    } else if (previous === undefined) {
      this.departed.delete(name);
      this.tell(
        node,
        'RegisteredNode',
        `Node ${name} event: Registered Node ${name} in Controller`,
      );
    } else if (isReady(previous) && !isReady(next)) {
      this.failing.add(name);
      this.tell(node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    }
  }

  private tell(node: Node, reason: string, message: string): void {
    this.events.event(node, { type: 'Normal', reason, message });
  }

  private podChanged({ previous, next }: Change<Pod>): void {
    if (next === undefined) {
      if (previous !== undefined) this.countdowns.stop(stayKey(previous));
      return;
    }
    const { nodeName = '' } = next.spec;
    const node = this.nodes.get(nodeName);
    const isLost = node === undefined || noExecuteTaints(node).length > 0;
    if (nodeName !== '' && isLost) this.add(nodeName);
  }

  private async reconcile(name: string): Promise<void> {
    const node = this.nodes.get(name);
    if (node === undefined) {
      await this.collectPods(name);
      return;
    }
    this.countdowns.stop(absenceKey(name));
    const judged = await this.judge(node);
    const tainted = await this.taint(judged);
    await this.markPods(tainted);
    await this.evictPods(tainted);
  }

  /** Says of a silent node that nothing is known of it. */
  private async judge(node: Node): Promise<Node> {
    if (!this.heartbeats.isSilent(node.metadata.name)) return node;
    const { client, clock } = this.context;
    const conditions = silentConditions(node, clock);
    if (conditions === undefined) return node;
    return client.updateStatus(nodeKind, { ...node, status: { ...node.status, conditions } });
  }

  private async taint(node: Node): Promise<Node> {
    const taints = changedTaints(node, this.context.clock);
    if (taints === undefined) return node;
    const { name, uid, resourceVersion } = node.metadata;
    const spec = { taints: taints.length === 0 ? null : taints };
    return this.context.client.patch(
      nodeKind,
      { name },
      { type: 'merge', body: { metadata: { uid, resourceVersion }, spec } },
    );
  }

  private podsOn(node: string): readonly Pod[] {
    return this.pods.byIndex(NODE_INDEX, node);
  }

  /** Once for each time that the node stops being ready: an agent that lives may know better afterwards. */
  private async markPods(node: Node): Promise<void> {
    const { name } = node.metadata;
    if (!this.failing.has(name)) return;
    if (!isReady(node)) {
      for (const pod of this.podsOn(name)) await this.removal.markNotReady(pod);
    }
    this.failing.delete(name);
  }

  private async evictPods(node: Node): Promise<void> {
    const taints = noExecuteTaints(node);
    const staying = this.podsOn(node.metadata.name).filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
    for (const pod of staying) {
      const key = stayKey(pod);
      const staySeconds = stayOf(pod, taints);
      if (staySeconds === Infinity) {
        if (this.countdowns.stop(key)) this.removal.spare(pod);
        continue;
      }
      if (staySeconds > 0) this.countdowns.keep(key, staySeconds * 1000);
      if (staySeconds === 0 || this.countdowns.isOver(key)) await this.removal.evict(pod);
    }
  }

  /** Removes the pods of a node that is no more. */
  private async collectPods(name: string): Promise<void> {
    const pods = this.podsOn(name);
    const key = absenceKey(name);
    if (pods.length === 0) {
      this.countdowns.stop(key);
      return;
    }
    if (!this.departed.has(name)) {
      this.countdowns.keep(key, absenceMs);
      if (!this.countdowns.isOver(key)) return;
    }
    if (await this.isThere(name)) return;
    for (const pod of pods) await this.removal.forceDelete(pod);
  }

  /** Asks the API: the cache may not show yet that the node has registered. */
  private async isThere(name: string): Promise<boolean> {
    try {
      await this.context.client.get(nodeKind, { name });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}

/**
 * Keeps the conditions and taints of nodes in step with their heartbeats, and takes the pods off nodes that are lost:
 * node lifecycle, taint eviction and pod garbage collection of kube-controller-manager in one loop.
 */
export function startNodeLifecycle(context: ControllerContext): Controller {
  return new NodeLifecycle(context).controller;
}
