import { isDeepStrictEqual } from 'node:util';
import type { Informer } from '../../client/index.ts';
import {
  ApiError,
  compileSelector,
  controllerOf,
  controllerRevisionKind,
  isControlledBy,
  ownerReference,
  type ControllerRevision,
  type KubeObject,
  type LabelSelector,
  type PodTemplateSpec,
  type Resource,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import { templateHash } from '../deployment/template.ts';
import { OwnWrites } from '../own-writes.ts';

/** What keeps past templates as ControllerRevisions: a StatefulSet or a DaemonSet. */
export interface Revised extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplateSpec; revisionHistoryLimit?: number };
}

export interface RevisionHistoryOptions<T extends Revised> {
  readonly context: ControllerContext;
  readonly kind: Resource<T>;
  /** The label of a revision that carries the hash in its name. */
  readonly hashLabel: string;
}

/** What `kubectl rollout undo` sends as a strategic merge patch of the owner. */
interface RevisionData {
  readonly spec: { readonly template: PodTemplateSpec & { readonly $patch: 'replace' } };
}

function dataOf({ spec }: Revised): RevisionData {
  return { spec: { template: { ...spec.template, $patch: 'replace' } } };
}

/** The template that a revision keeps. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _directive, ...template } = (revision.data as RevisionData).spec.template;
  return template;
}

function isOf(revision: ControllerRevision, owner: Revised): boolean {
  return isDeepStrictEqual(revision.data, dataOf(owner));
}

function refOf({ metadata }: KubeObject): { name: string; namespace: string } {
  return { name: metadata.name, namespace: metadata.namespace ?? '' };
}

/** The past templates of the owners of one kind. */
export class RevisionHistory<T extends Revised> {
  private readonly options: RevisionHistoryOptions<T>;
  private readonly revisions: Informer<ControllerRevision>;
  private readonly ownWrites: OwnWrites<ControllerRevision>;

  constructor(options: RevisionHistoryOptions<T>) {
    this.options = options;
    this.revisions = options.context.informers.of(controllerRevisionKind);
    this.ownWrites = new OwnWrites(this.revisions);
  }

  /** All revisions of the owner, oldest first; orphans that it selects are adopted. */
  async of(owner: T): Promise<ControllerRevision[]> {
    const { namespace, deletionTimestamp } = owner.metadata;
    const inNamespace = (one: ControllerRevision): boolean => one.metadata.namespace === namespace;
    const all = this.ownWrites.seenThrough(this.revisions.list().filter(inNamespace), inNamespace);
    const mine = all.filter((revision) => isControlledBy(revision, owner));
    const selector = compileSelector(owner.spec.selector);
    const orphans = all.filter(
      (one) => controllerOf(one) === undefined && selector.matches(one.metadata.labels),
    );
    if (deletionTimestamp === undefined) {
      for (const orphan of orphans) mine.push(await this.adopt(orphan, owner));
    }
    return mine.sort((one, two) => one.revision - two.revision);
  }

  private async adopt(orphan: ControllerRevision, owner: T): Promise<ControllerRevision> {
    const ownerReferences = [
      ...(orphan.metadata.ownerReferences ?? []),
      ownerReference(this.options.kind, owner),
    ];
    const adopted: ControllerRevision = await this.options.context.client.patch(
      controllerRevisionKind,
      refOf(orphan),
      { type: 'merge', body: { metadata: { uid: orphan.metadata.uid, ownerReferences } } },
    );
    this.ownWrites.wrote(adopted);
    return adopted;
  }

  /** The revision of the present template, made, or made the newest again, when it is not that. */
  async ensure(owner: T, all: readonly ControllerRevision[]): Promise<ControllerRevision> {
    const newest = all.at(-1);
    const next = (newest?.revision ?? 0) + 1;
    const same = all.findLast((revision) => isOf(revision, owner));
    if (same === undefined) return this.create(owner, next);
    if (same === newest) return same;
    const moved = await this.options.context.client.update(controllerRevisionKind, {
      ...same,
      revision: next,
    });
    this.ownWrites.wrote(moved);
    return moved;
  }

  private async create(owner: T, revision: number, collisions = 0): Promise<ControllerRevision> {
    const { kind, context, hashLabel } = this.options;
    const { template } = owner.spec;
    const hash = templateHash(template, collisions);
    const draft: ControllerRevision = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${owner.metadata.name}-${hash}`,
        namespace: owner.metadata.namespace ?? '',
        labels: { ...template.metadata?.labels, [hashLabel]: hash },
        annotations: { ...owner.metadata.annotations },
        ownerReferences: [ownerReference(kind, owner)],
      },
      data: dataOf(owner),
      revision,
    };
    try {
      const made = await context.client.create(controllerRevisionKind, draft);
      this.ownWrites.wrote(made);
      return made;
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
      const existing = await context.client.get(controllerRevisionKind, refOf(draft));
      if (isControlledBy(existing, owner) && isOf(existing, owner)) return existing;
      return this.create(owner, revision, collisions + 1);
    }
  }

  /** Deletes the oldest of those that no pod is of, beyond `revisionHistoryLimit`. */
  async truncate(
    owner: T,
    all: readonly ControllerRevision[],
    isInUse: (revision: ControllerRevision) => boolean,
  ): Promise<void> {
    const past = all.filter((revision) => !isInUse(revision));
    const surplus = past.slice(
      0,
      Math.max(0, past.length - (owner.spec.revisionHistoryLimit ?? 10)),
    );
    for (const revision of surplus) {
      await this.options.context.client.delete(controllerRevisionKind, refOf(revision));
      this.ownWrites.deleted(revision);
    }
  }
}
