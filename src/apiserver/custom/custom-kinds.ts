import { createInformer, type Client, type Informer } from '../../client/index.ts';
import { WorkQueue } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import {
  ApiError,
  customKinds,
  customResourceDefinitionKind,
  withCondition,
  type ConditionState,
  type CustomResourceDefinition,
  type KindDefinition,
} from '../../kube/index.ts';
import { loopbackUser } from '../authentication/user.ts';
import { servedKind, type ServedKind } from '../registry/catalog.ts';
import type { Call, Collection, Target } from '../registry/context.ts';
import { privateCopy } from '../registry/private-copy.ts';
import type { Registry } from '../registry/registry.ts';
import { updateObject } from '../registry/update.ts';
import { established, namesAccepted } from './accepted-names.ts';

/** Holds a deleted definition until its instances are gone. */
const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

const call: Call = {
  user: loopbackUser,
  dryRun: false,
  fieldValidation: 'Ignore',
  warn: () => {},
};

/** How long a deleted definition waits before it looks again whether its instances are gone. */
const cleanupPeriodMs = 200;

/** Takes a line for the daemon's log. */
type Log = (text: string) => void;

export interface CustomKindsOptions {
  readonly registry: Registry;
  /** Reads and watches the definitions; of the same registry. */
  readonly client: Client;
  readonly log: Log;
}

interface Entry {
  readonly definition: CustomResourceDefinition;
  readonly names: ConditionState;
  readonly kinds: readonly KindDefinition[];
}

/**
 * Serves the kinds of the stored CustomResourceDefinitions, in step with the store: states their conditions, and
 * removes their instances when they go.
 */
export class CustomKinds {
  private readonly registry: Registry;
  private readonly collection: Collection;
  private readonly entries = new Map<string, Entry>();
  private readonly queue: WorkQueue;
  private readonly definitions: Informer<CustomResourceDefinition>;

  private constructor({ registry, client, log }: CustomKindsOptions, kind: ServedKind) {
    this.registry = registry;
    this.collection = { kind, namespace: undefined };
    this.queue = new WorkQueue({
      clock: registry.context.clock,
      process: (name) => this.reconcile(name),
      onError: (name, error) => log(`custom resource definition ${name}: ${messageOf(error)}`),
    });
    this.definitions = createInformer(client, customResourceDefinitionKind, {
      clock: registry.context.clock,
      onError: (error) => log(`custom resource definitions: ${messageOf(error)}`),
    });
    this.definitions.onChange(({ previous, next }) => {
      if (next !== undefined) this.register(next);
      else if (previous !== undefined) this.forget(previous);
    });
  }

  /** Registers what is stored and follows all changes; nothing to do without the kind itself. */
  static async start(options: CustomKindsOptions): Promise<CustomKinds | undefined> {
    const kind = options.registry.catalog.find(customResourceDefinitionKind);
    if (kind === undefined) return undefined;
    const custom = new CustomKinds(options, kind);
    await custom.definitions.synced;
    return custom;
  }

  async close(): Promise<void> {
    this.definitions.close();
    await this.queue.close();
  }

  private register(definition: CustomResourceDefinition): void {
    const { name } = definition.metadata;
    this.entries.delete(name);
    const names = namesAccepted(definition, this.takenNames());
    const kinds = names.status === 'True' ? customKinds(definition) : [];
    this.entries.set(name, { definition, names, kinds });
    this.publish();
    this.queue.add(name);
  }

  private forget({ metadata }: CustomResourceDefinition): void {
    this.entries.delete(metadata.name);
    this.publish();
    // Names that are free again may be what other definitions wait for.
    const refused = [...this.entries.values()].filter(({ names }) => names.status !== 'True');
    for (const { definition } of refused) this.register(definition);
  }

  private takenNames(): KindDefinition[] {
    const builtIn = this.registry.catalog.definitions().filter((kind) => !kind.structural);
    return [...builtIn, ...[...this.entries.values()].flatMap(({ kinds }) => kinds)];
  }

  private publish(): void {
    const kinds = [...this.entries.values()].flatMap((entry) => entry.kinds);
    this.registry.catalog.setCustomKinds(kinds);
  }

  private async reconcile(name: string): Promise<void> {
    const entry = this.entries.get(name);
    if (entry === undefined) return;
    const { deletionTimestamp, finalizers = [] } = entry.definition.metadata;
    if (deletionTimestamp !== undefined) {
      if (finalizers.includes(cleanupFinalizer)) await this.cleanUp(name, entry);
    } else {
      await this.hold(name, finalizers);
      await this.stateConditions(name, entry);
    }
  }

  private target(name: string): Target {
    return { ...this.collection, name };
  }

  private async change(
    name: string,
    next: (definition: CustomResourceDefinition) => void,
    subresource = '',
  ): Promise<void> {
    try {
      await updateObject(this.registry.context, {
        target: this.target(name),
        call,
        subresource,
        next: (existing) => {
          const copied = privateCopy(existing);
          next(copied as unknown as CustomResourceDefinition);
          return copied;
        },
      });
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
    }
  }

  private async hold(name: string, finalizers: readonly string[]): Promise<void> {
    if (finalizers.includes(cleanupFinalizer)) return;
    await this.change(name, ({ metadata }) => {
      metadata.finalizers = [...(metadata.finalizers ?? []), cleanupFinalizer];
    });
  }

  private async stateConditions(name: string, { names }: Entry): Promise<void> {
    const { clock } = this.registry.context;
    await this.change(
      name,
      (definition) => {
        const { status = {} } = definition;
        const conditions = [names, established(names)].reduce(
          (all, condition) => withCondition(all, condition, clock),
          status.conditions ?? [],
        );
        definition.status = { ...status, conditions };
      },
      'status',
    );
  }

  /** Deletes all instances, then lets the definition go; looks again while finalizers hold some back. */
  private async cleanUp(name: string, { kinds: [kind] }: Entry): Promise<void> {
    if (kind !== undefined && (await this.deleteInstances(kind)) > 0) {
      this.queue.addAfter(name, cleanupPeriodMs);
      return;
    }
    await this.change(name, ({ metadata }) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer);
    });
  }

  /** Returns how many are left. */
  private async deleteInstances(definition: KindDefinition): Promise<number> {
    const collection = { kind: servedKind(definition), namespace: undefined };
    await this.registry.deleteCollection({ collection, query: {}, options: {}, call });
    return (await this.registry.list(collection)).items.length;
  }
}
