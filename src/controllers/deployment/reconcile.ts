import type { Informer } from '../../client/index.ts';
import {
  compileSelector,
  controllerOf,
  deploymentKind,
  keyOf,
  ownerReference,
  replicaSetKind,
  type Deployment,
  type Pod,
  type ReplicaSet,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import {
  newSetAnnotations,
  nextRevision,
  REVISION,
  revisionOf,
  DESIRED_REPLICAS,
} from './revisions.ts';
import {
  bounds,
  newReplicas,
  oldScalings,
  proportionalScalings,
  wantedOf,
  type Scaling,
} from './rolling.ts';
import { refOf, ReplicaSets } from './replica-sets.ts';
import { deploymentStatus, isComplete, progressDeadline } from './status.ts';
import { isSameTemplate } from './template.ts';

export const COMPONENT = 'deployment-controller';
export const OWNER_INDEX = 'replicaSetUid';

export interface DeploymentCaches {
  readonly deployments: Informer<Deployment>;
  readonly sets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
}

/** The ReplicaSets of a Deployment, told apart. */
interface Sets {
  readonly newSet: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** One look at one Deployment. */
export class DeploymentReconciler {
  private readonly context: ControllerContext;
  private readonly caches: DeploymentCaches;
  private readonly writes: ReplicaSets;
  private readonly again: (key: string, delayMs: number) => void;

  constructor(
    context: ControllerContext,
    caches: DeploymentCaches,
    again: (key: string, delayMs: number) => void,
  ) {
    this.context = context;
    this.caches = caches;
    this.writes = new ReplicaSets(context, context.events(COMPONENT));
    this.again = again;
  }

  async reconcile(key: string): Promise<void> {
    const deployment = this.caches.deployments.get(key);
    if (deployment === undefined) return;
    const all = await this.claim(deployment);
    if (deployment.metadata.deletionTimestamp !== undefined) {
      await this.writeStatus(deployment, this.tellApart(deployment, all));
      return;
    }
    let sets = this.tellApart(deployment, all);
    if (deployment.spec.paused === true) {
      await this.scaleAll(deployment, this.resizings(deployment, sets));
      await this.writeStatus(deployment, sets);
      return;
    }
    const resizings = this.resizings(deployment, sets);
    if (resizings.length > 0) await this.scaleAll(deployment, resizings);
    else {
      sets = await this.rollOut(deployment, sets);
      await this.cleanUp(deployment, sets);
    }
    await this.writeStatus(deployment, sets);
  }

  /** The Deployment's ReplicaSets; orphans that it selects are adopted. */
  private async claim(deployment: Deployment): Promise<ReplicaSet[]> {
    const selector = compileSelector(deployment.spec.selector);
    const { namespace, uid } = deployment.metadata;
    const all = this.caches.sets.list().filter((set) => set.metadata.namespace === namespace);
    const mine = all.filter((set) => controllerOf(set)?.uid === uid);
    if (deployment.metadata.deletionTimestamp !== undefined) return mine;
    const orphans = all.filter(
      (set) => controllerOf(set) === undefined && selector.matches(set.metadata.labels),
    );
    for (const set of orphans) {
      const ownerReferences = [
        ...(set.metadata.ownerReferences ?? []),
        ownerReference(deploymentKind, deployment),
      ];
      mine.push(
        await this.context.client.patch(replicaSetKind, refOf(set), {
          type: 'merge',
          body: { metadata: { uid: set.metadata.uid, ownerReferences } },
        }),
      );
    }
    return mine;
  }

  private tellApart(deployment: Deployment, all: readonly ReplicaSet[]): Sets {
    const matching = all
      .filter((set) => isSameTemplate(set.spec.template, deployment.spec.template))
      .toSorted((a, b) => created(a) - created(b));
    const [newSet] = matching;
    return { newSet, old: all.filter((set) => set !== newSet) };
  }

  /** What a change of `spec.replicas` asks for, when that is all that happened or a rollout is under way. */
  private resizings(deployment: Deployment, { newSet, old }: Sets): Scaling[] {
    const replicas = deployment.spec.replicas ?? 1;
    const all = [...(newSet === undefined ? [] : [newSet]), ...old];
    const active = all.filter((set) => wantedOf(set) > 0);
    const isStale = active.some(
      (set) => Number(set.metadata.annotations?.[DESIRED_REPLICAS] ?? replicas) !== replicas,
    );
    if (!isStale) return [];
    const [only, ...others] = active;
    if (only !== undefined && others.length === 0) return [{ set: only, replicas }];
    if (deployment.spec.strategy?.type === 'Recreate') return [];
    const changed = proportionalScalings(deployment, active);
    const left = active.filter((set) => !changed.some((scaling) => scaling.set === set));
    // The others are written as well: their annotation of the wanted number must follow.
    return [...changed, ...left.map((set) => ({ set, replicas: wantedOf(set) }))];
  }

  private async rollOut(deployment: Deployment, sets: Sets): Promise<Sets> {
    const isRecreate = deployment.spec.strategy?.type === 'Recreate';
    if (isRecreate && this.hasOldPods(sets)) {
      await this.scaleAll(
        deployment,
        sets.old.filter((set) => wantedOf(set) > 0).map((set) => ({ set, replicas: 0 })),
      );
      return sets;
    }
    const newSet = await this.ensureNewSet(deployment, sets);
    const all = [newSet, ...sets.old];
    const wanted = isRecreate
      ? (deployment.spec.replicas ?? 1)
      : newReplicas(deployment, newSet, all);
    if (wanted !== wantedOf(newSet)) {
      const scaled = await this.writes.scale(deployment, { set: newSet, replicas: wanted });
      return { newSet: scaled, old: sets.old };
    }
    if (!isRecreate) await this.scaleAll(deployment, oldScalings(deployment, newSet, sets.old));
    return { newSet, old: sets.old };
  }

  /** True while a pod of an old template exists, ending ones included: Recreate waits for them. */
  private hasOldPods({ old }: Sets): boolean {
    return old.some(
      (set) =>
        wantedOf(set) > 0 ||
        this.caches.pods.byIndex(OWNER_INDEX, set.metadata.uid ?? '').length > 0,
    );
  }

  /** Finds or makes the ReplicaSet of the present template, and gives it the newest revision. */
  private async ensureNewSet(deployment: Deployment, { newSet, old }: Sets): Promise<ReplicaSet> {
    const revision = nextRevision(old);
    const desired = deployment.spec.replicas ?? 1;
    const max = desired + bounds(deployment).maxSurge;
    const annotations = newSetAnnotations(deployment, newSet?.metadata.annotations, {
      revision,
      desired,
      max,
    });
    const made =
      newSet === undefined
        ? await this.writes.create(deployment, old, annotations)
        : await this.writes.annotate(deployment, newSet, annotations);
    await this.noteRevision(deployment, revisionOf(made));
    return made;
  }

  private async noteRevision(deployment: Deployment, revision: number): Promise<void> {
    if (revisionOf(deployment) === revision) return;
    const { name, namespace = '' } = deployment.metadata;
    await this.context.client.patch(
      deploymentKind,
      { name, namespace },
      { type: 'merge', body: { metadata: { annotations: { [REVISION]: String(revision) } } } },
    );
  }

  private async scaleAll(deployment: Deployment, scalings: readonly Scaling[]): Promise<void> {
    for (const scaling of scalings) await this.writes.scale(deployment, scaling);
  }

  /** Removes empty old ReplicaSets beyond `revisionHistoryLimit`, oldest revision first. */
  private async cleanUp(deployment: Deployment, { newSet, old }: Sets): Promise<void> {
    const limit = deployment.spec.revisionHistoryLimit ?? 10;
    if (deployment.status === undefined || newSet === undefined) return;
    if (!isComplete(deployment, deployment.status)) return;
    const empty = old.filter(
      (set) =>
        wantedOf(set) === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        set.metadata.deletionTimestamp === undefined,
    );
    const surplus = empty
      .toSorted((a, b) => revisionOf(a) - revisionOf(b))
      .slice(0, Math.max(0, old.length - limit));
    for (const set of surplus) await this.context.client.delete(replicaSetKind, refOf(set));
  }

  private async writeStatus(deployment: Deployment, { newSet, old }: Sets): Promise<void> {
    const all = [...(newSet === undefined ? [] : [newSet]), ...old];
    const { clock, client } = this.context;
    const status = deploymentStatus({ deployment, newSet, all, clock });
    if (!isComplete(deployment, status)) {
      const deadline = progressDeadline({ ...deployment, status });
      if (deadline !== undefined && deadline > clock.now()) {
        this.again(keyOf(deployment), deadline - clock.now());
      }
    }
    if (JSON.stringify(status) === JSON.stringify(deployment.status)) return;
    const { name, namespace = '' } = deployment.metadata;
    await client.patch(
      deploymentKind,
      { name, namespace, subresource: 'status' },
      { type: 'merge', body: { status } },
    );
  }
}

function created(set: ReplicaSet): number {
  return Date.parse(set.metadata.creationTimestamp ?? '');
}
