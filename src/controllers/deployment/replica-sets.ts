import type { EventRecorder } from '../../client/index.ts';
import {
  ApiError,
  controllerOf,
  deploymentKind,
  ownerReference,
  replicaSetKind,
  type Deployment,
  type ReplicaSet,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS } from './revisions.ts';
import { bounds, newReplicas, wantedOf, type Scaling } from './rolling.ts';
import { isSameTemplate, TEMPLATE_HASH, templateHash } from './template.ts';

/** The writes that a rollout consists of. */
export class ReplicaSets {
  private readonly context: ControllerContext;
  private readonly events: EventRecorder;

  constructor(context: ControllerContext, events: EventRecorder) {
    this.context = context;
    this.events = events;
  }

  /** Makes the ReplicaSet of the present template, already with as many pods as the surge allows. */
  async create(
    deployment: Deployment,
    old: readonly ReplicaSet[],
    annotations: Record<string, string>,
  ): Promise<ReplicaSet> {
    const { metadata, spec } = deployment;
    const collisions = deployment.status?.collisionCount ?? 0;
    const hash = templateHash(spec.template, collisions);
    const labels = { ...spec.template.metadata?.labels, [TEMPLATE_HASH]: hash };
    const draft: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${metadata.name}-${hash}`,
        namespace: metadata.namespace ?? '',
        labels,
        annotations,
        ownerReferences: [ownerReference(deploymentKind, deployment)],
      },
      spec: {
        replicas: 0,
        ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
        selector: {
          ...spec.selector,
          matchLabels: { ...spec.selector.matchLabels, [TEMPLATE_HASH]: hash },
        },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    };
    draft.spec.replicas = newReplicas(deployment, draft, [draft, ...old]);
    try {
      const made = await this.context.client.create(replicaSetKind, draft);
      if (wantedOf(made) > 0) this.tellScaled(deployment, made, 0);
      return made;
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
      return this.resolveCollision(deployment, draft, error);
    }
  }

  /** The name is taken: by our own set that the cache has not shown yet, or by a stranger with the same hash. */
  private async resolveCollision(
    deployment: Deployment,
    draft: ReplicaSet,
    error: ApiError,
  ): Promise<ReplicaSet> {
    const existing = await this.context.client.get(replicaSetKind, refOf(draft));
    const isOurs =
      controllerOf(existing)?.uid === deployment.metadata.uid &&
      isSameTemplate(existing.spec.template, deployment.spec.template);
    if (isOurs) return existing;
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    await this.context.client.updateStatus(deploymentKind, {
      ...deployment,
      status: { ...deployment.status, collisionCount },
    });
    throw error;
  }

  /** Brings inherited annotations and minReadySeconds up to date. */
  async annotate(
    deployment: Deployment,
    set: ReplicaSet,
    annotations: Record<string, string>,
  ): Promise<ReplicaSet> {
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
    const before = set.metadata.annotations ?? {};
    const isSame = Object.entries(annotations).every(([name, value]) => before[name] === value);
    if (isSame && (set.spec.minReadySeconds ?? 0) === minReadySeconds) return set;
    return this.context.client.update(replicaSetKind, {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...set.spec, minReadySeconds },
    });
  }

  /** Sets the number of pods, and the annotations that the next look at the Deployment relies on. */
  async scale(deployment: Deployment, { set, replicas }: Scaling): Promise<ReplicaSet> {
    const desired = deployment.spec.replicas ?? 1;
    const annotations = {
      ...set.metadata.annotations,
      [DESIRED_REPLICAS]: String(desired),
      [MAX_REPLICAS]: String(desired + bounds(deployment).maxSurge),
    };
    const scaled = await this.context.client.update(replicaSetKind, {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...set.spec, replicas },
    });
    if (replicas !== wantedOf(set)) this.tellScaled(deployment, scaled, wantedOf(set));
    return scaled;
  }

  private tellScaled(deployment: Deployment, set: ReplicaSet, before: number): void {
    const now = wantedOf(set);
    const direction = now > before ? 'up' : 'down';
    this.events.event(deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${now}`,
    });
  }
}

export function refOf(set: ReplicaSet): { name: string; namespace: string } {
  return { name: set.metadata.name, namespace: set.metadata.namespace ?? '' };
}
