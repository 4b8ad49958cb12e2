import type { EventRecorder, Informer } from '../../client/index.ts';
import { messageOf } from '../../fault/index.ts';
import {
  compileSelector,
  controllerOf,
  keyOf,
  ownerReference,
  podKind,
  type KubeObject,
  type LabelSelector,
  type ObjectMeta,
  type Pod,
  type PodTemplateSpec,
  type Resource,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import { isNotFound } from '../ensure.ts';
import { Expectations } from '../expectations.ts';
import { isActive } from '../pods.ts';

/** What keeps pods of a template. */
export interface PodOwner extends KubeObject {
  spec: { selector?: LabelSelector; template: PodTemplateSpec };
}

/** The messages of a controller's Events about a pod. */
export interface PodMessages {
  created(pod: string, owner: string): string;
  deleted(pod: string, owner: string): string;
  notCreated(pod: string, owner: string, why: string): string;
  notDeleted(pod: string, owner: string, why: string): string;
}

const usualMessages: PodMessages = {
  created: (pod) => `Created pod: ${pod}`,
  deleted: (pod) => `Deleted pod: ${pod}`,
  notCreated: (_pod, _owner, why) => `Error creating: ${why}`,
  notDeleted: (_pod, _owner, why) => `Error deleting: ${why}`,
};

export interface OwnedPodsOptions<T extends PodOwner> {
  readonly context: ControllerContext;
  readonly kind: Resource<T>;
  readonly owners: Informer<T>;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
  /** As ReplicaSets speak, when absent. */
  readonly messages?: PodMessages;
  /** Finalizers that an adopted pod gets. */
  readonly finalizers?: readonly string[];
  /** Whether an orphan that the selector matches is taken; every active one, when absent. */
  adopts?(owner: T, orphan: Pod): boolean;
}

const OWNER_INDEX = 'podOwner';

/** Index value of the pods of a namespace that nobody controls. */
function orphansOf(namespace: string): string {
  return `orphan:${namespace}`;
}

function podRef(pod: Pod): { name: string; namespace: string } {
  return { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' };
}

/**
 * The pods of the owners of one kind: who has which, adoption and release, and the writes, each with its Event. What was
 * asked for and is not in the cache yet is remembered: see {@link OwnedPods.isUpToDate}.
 */
export class OwnedPods<T extends PodOwner> {
  private readonly options: OwnedPodsOptions<T>;
  private readonly expectations: Expectations;
  private readonly messages: PodMessages;

  constructor(options: OwnedPodsOptions<T>) {
    this.options = options;
    this.expectations = new Expectations(options.context.clock);
    this.messages = options.messages ?? usualMessages;
    options.pods.indexBy(OWNER_INDEX, (pod) => [
      controllerOf(pod)?.uid ?? orphansOf(pod.metadata.namespace ?? ''),
    ]);
  }

  /** Notes a change of a pod. @returns the keys of the owners that it concerns */
  changed(previous: Pod | undefined, next: Pod | undefined): string[] {
    const keys = new Set<string>();
    for (const pod of [previous, next]) {
      const owner = pod === undefined ? undefined : controllerOf(pod);
      if (pod !== undefined && owner?.kind === this.options.kind.kind) {
        keys.add(`${pod.metadata.namespace ?? ''}/${owner.name}`);
      }
    }
    const name = (next ?? previous)?.metadata.name ?? '';
    const isSettled =
      previous === undefined || next === undefined || next.metadata.deletionTimestamp !== undefined;
    if (isSettled) for (const key of keys) this.expectations.observed(key, name);
    if (next !== undefined && controllerOf(next) === undefined) {
      for (const owner of this.ownersThatSelect(next)) keys.add(keyOf(owner));
    }
    return [...keys];
  }

  private ownersThatSelect(pod: Pod): T[] {
    return this.options.owners
      .list()
      .filter(
        ({ metadata, spec }) =>
          metadata.namespace === pod.metadata.namespace &&
          compileSelector(spec.selector).matches(pod.metadata.labels),
      );
  }

  /** False while the cache does not show all that was created and deleted: counts would lie. */
  isUpToDate(owner: T): boolean {
    return this.expectations.areMet(keyOf(owner));
  }

  forget(key: string): void {
    this.expectations.forget(key);
  }

  /** The owner's pods; orphans that it selects are adopted, pods that it no longer selects released. */
  async claim(owner: T): Promise<Pod[]> {
    const { pods } = this.options;
    const { namespace = '', uid = '', deletionTimestamp } = owner.metadata;
    const selector = compileSelector(owner.spec.selector);
    const owned = pods.byIndex(OWNER_INDEX, uid);
    const mine = owned.filter((pod) => selector.matches(pod.metadata.labels));
    if (deletionTimestamp !== undefined) return mine;
    for (const pod of owned) {
      if (selector.matches(pod.metadata.labels)) continue;
      if (pod.metadata.deletionTimestamp === undefined) await this.release(pod, owner);
    }
    const orphans = pods
      .byIndex(OWNER_INDEX, orphansOf(namespace))
      .filter((pod) => isActive(pod) && selector.matches(pod.metadata.labels))
      .filter((pod) => this.options.adopts?.(owner, pod) ?? true);
    for (const orphan of orphans) mine.push(await this.adopt(orphan, owner));
    return mine;
  }

  private async release(pod: Pod, { metadata }: T): Promise<void> {
    const { ownerReferences = [], finalizers = [] } = pod.metadata;
    const ours = this.options.finalizers ?? [];
    await this.setMetadata(pod, {
      ownerReferences: ownerReferences.filter(({ uid }) => uid !== metadata.uid),
      finalizers: finalizers.filter((name) => !ours.includes(name)),
    });
  }

  private adopt(pod: Pod, owner: T): Promise<Pod> {
    const { ownerReferences = [], finalizers = [] } = pod.metadata;
    const ours = this.options.finalizers ?? [];
    return this.setMetadata(pod, {
      ownerReferences: [...ownerReferences, ownerReference(this.options.kind, owner)],
      finalizers: [...new Set([...finalizers, ...ours])],
    });
  }

  /** Takes the owners' finalizers off a pod; that it is gone already is fine. */
  async letGo(pod: Pod): Promise<void> {
    const ours = this.options.finalizers ?? [];
    const finalizers = (pod.metadata.finalizers ?? []).filter((name) => !ours.includes(name));
    try {
      await this.setMetadata(pod, { finalizers });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** The uid makes the write fail when another pod has got the name meanwhile. */
  private setMetadata(
    pod: Pod,
    lists: Pick<ObjectMeta, 'ownerReferences' | 'finalizers'>,
  ): Promise<Pod> {
    const changes = Object.entries(lists).map(([field, list]) => [
      field,
      list.length === 0 ? null : list,
    ]);
    return this.options.context.client.patch(podKind, podRef(pod), {
      type: 'merge',
      body: { metadata: { uid: pod.metadata.uid, ...Object.fromEntries(changes) } },
    });
  }

  /** @throws ApiError when it is refused, after an Event that says so */
  async create(owner: T, pod: Pod): Promise<void> {
    const key = keyOf(owner);
    const { name } = pod.metadata;
    const ownerName = owner.metadata.name;
    this.expectations.expect(key, name);
    try {
      await this.options.context.client.create(podKind, pod);
      this.tell(owner, 'SuccessfulCreate', this.messages.created(name, ownerName));
    } catch (error) {
      this.expectations.observed(key, name);
      const message = this.messages.notCreated(name, ownerName, messageOf(error));
      this.tell(owner, 'FailedCreate', message);
      throw error;
    }
  }

  /** Deletes this very pod, not another one of its name; that it is gone already is fine. */
  async delete(owner: T, pod: Pod): Promise<void> {
    const key = keyOf(owner);
    const { name, uid } = pod.metadata;
    const ownerName = owner.metadata.name;
    this.expectations.expect(key, name);
    try {
      const preconditions = uid === undefined ? {} : { uid };
      await this.options.context.client.delete(podKind, podRef(pod), { preconditions });
      this.tell(owner, 'SuccessfulDelete', this.messages.deleted(name, ownerName));
    } catch (error) {
      this.expectations.observed(key, name);
      if (isNotFound(error)) return;
      const message = this.messages.notDeleted(name, ownerName, messageOf(error));
      this.tell(owner, 'FailedDelete', message);
      throw error;
    }
  }

  private tell(owner: T, reason: string, message: string): void {
    const type = reason.startsWith('Failed') ? 'Warning' : 'Normal';
    this.options.events.event(owner, { type, reason, message });
  }
}
