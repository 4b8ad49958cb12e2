import { createInformer, type Change, type Informer } from '../../client/index.ts';
import { messageOf } from '../../fault/index.ts';
import {
  eventKind,
  kinds,
  qualifiedName,
  type AnyObject,
  type OwnerReference,
  type Resource,
} from '../../kube/index.ts';
import type { ControllerContext } from '../controller.ts';
import { isNotFound } from '../ensure.ts';
import type { ResourceCatalog } from '../resource-catalog.ts';

/** A resource whose objects may own others or be owned. */
export interface Monitor {
  readonly resource: Resource;
  /** `PLURAL.GROUP` */
  readonly name: string;
  readonly cache: Informer<AnyObject>;
}

interface OpenMonitor extends Monitor {
  /** Resolves when the cache is filled, or there is nothing to fill it with. */
  readonly ready: Promise<void>;
  close(): void;
}

export interface MonitorListener {
  onChange(monitor: Monitor, change: Change<AnyObject>): void;
  /** The resource is no longer served; its cache still holds what was known last. */
  onClose(monitor: Monitor): void;
  /** Other resources are served than before. */
  onMonitors(): void;
}

/** Events are many, own nothing and go by themselves: Kubernetes' collector passes them over too. */
const ignored: ReadonlySet<string> = new Set([qualifiedName(eventKind), 'events.events.k8s.io']);

const builtIn: ReadonlySet<string> = new Set(kinds.map(qualifiedName));

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** A name for one version of a resource. */
function identityOf(resource: Resource): string {
  return `${qualifiedName(resource)}/${resource.version}`;
}

/**
 * The caches of all resources that the API serves, custom ones while they are defined. Built-in kinds share the process's
 * informers; a custom kind has one of its own, because that one ends with its definition.
 */
export class Monitors {
  private readonly context: ControllerContext;
  private readonly catalog: ResourceCatalog;
  private readonly listener: MonitorListener;
  private readonly open = new Map<string, OpenMonitor>();
  private byName = new Map<string, Monitor>();
  private byKind = new Map<string, Monitor>();
  private closed = false;
  private updating = false;

  constructor(context: ControllerContext, catalog: ResourceCatalog, listener: MonitorListener) {
    this.context = context;
    this.catalog = catalog;
    this.listener = listener;
  }

  /** Begins to listen. */
  start(): void {
    this.catalog.onChange(() => this.updateSoon());
    this.update();
  }

  /** Opens and closes until there is one monitor for each resource of the catalogue. */
  private update(): void {
    this.updating = false;
    if (this.closed) return;
    const wanted = this.catalog.list().filter((one) => !ignored.has(qualifiedName(one)));
    const identities = new Set(wanted.map(identityOf));
    for (const [identity, monitor] of this.open) {
      if (identities.has(identity)) continue;
      this.open.delete(identity);
      monitor.close();
      this.listener.onClose(monitor);
    }
    const added = wanted.filter((resource) => !this.open.has(identityOf(resource)));
    for (const resource of added) this.open.set(identityOf(resource), this.monitor(resource));
    const monitors = [...this.open.values()];
    this.byName = new Map(monitors.map((one) => [one.name, one]));
    this.byKind = new Map(
      monitors.map((one) => [`${one.resource.group}/${one.resource.kind}`, one]),
    );
    // Only now may listeners hear of objects: they look for the owners' monitors.
    for (const resource of added) this.follow(identityOf(resource));
    this.listener.onMonitors();
  }

  /** Resolves when every cache is filled. */
  async synced(): Promise<void> {
    await this.catalog.synced;
    if (this.updating) this.update();
    await Promise.all([...this.open.values()].map(({ ready }) => ready));
  }

  /** The resource named `PLURAL.GROUP`, if it is served. */
  named(name: string): Monitor | undefined {
    return this.byName.get(name);
  }

  /** The resource of an owner, if it is served; all versions of a resource hold the same objects. */
  ofOwner({ apiVersion, kind }: OwnerReference): Monitor | undefined {
    return this.byKind.get(`${groupOf(apiVersion)}/${kind}`);
  }

  /** Closes the caches that nobody else uses. */
  close(): void {
    this.closed = true;
    for (const monitor of this.open.values()) monitor.close();
  }

  /** Definitions come many at a time, and each makes a new catalogue. */
  private updateSoon(): void {
    if (this.updating) return;
    this.updating = true;
    setImmediate(() => this.update());
  }

  private monitor(resource: Resource): OpenMonitor {
    const name = qualifiedName(resource);
    if (builtIn.has(name)) {
      const cache = this.context.informers.of(resource);
      return { resource, name, cache, ready: cache.synced, close: () => {} };
    }
    const { promise: unserved, resolve } = Promise.withResolvers<void>();
    const cache = createInformer(this.context.client, resource, {
      clock: this.context.clock,
      onError: (error) => {
        // A definition is served a moment after it is seen here, or never when its names are taken: it has no objects.
        if (isNotFound(error)) resolve();
        else this.context.log(`garbage-collector: ${identityOf(resource)}: ${messageOf(error)}`);
      },
    });
    const close = () => {
      cache.close();
      resolve();
    };
    return { resource, name, cache, ready: Promise.race([cache.synced, unserved]), close };
  }

  private follow(identity: string): void {
    const monitor = this.open.get(identity);
    monitor?.cache.onChange((change) => this.listener.onChange(monitor, change));
  }
}
