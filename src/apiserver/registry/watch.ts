import type { CancelTimer } from '../../clock/index.ts';
import type { Watch, WatchEvent, WatchListener } from '../../client/index.ts';
import { apiVersionOf, type AnyObject } from '../../kube/index.ts';
import type { StoreEvent } from '../../store/index.ts';
import { presented } from './admit.ts';
import type { Collection, RegistryContext } from './context.ts';
import { listObjects } from './list.ts';
import {
  assertWatchVersions,
  parseRevision,
  tooLarge,
  type VersionOptions,
} from './resource-version.ts';
import { compileSelection, type Selection, type SelectorTexts } from './selection.ts';
import { collectionPrefix } from './store-key.ts';

/** `meta/v1 ListOptions` as a watch knows them. */
export interface WatchQuery extends SelectorTexts, VersionOptions {
  readonly allowWatchBookmarks?: boolean | undefined;
  readonly sendInitialEvents?: boolean | undefined;
  readonly timeoutSeconds?: number | undefined;
}

export interface WatchRequest {
  readonly collection: Collection;
  readonly query: WatchQuery;
  readonly listener: WatchListener<AnyObject>;
}

/** As often as Kubernetes sends them (`cacher.go`, bookmarkFrequency). */
const bookmarkPeriodMs = 60_000;

const initialEventsEnd = 'k8s.io/initial-events-end';

function isUnset(text: string | undefined): boolean {
  return text === undefined || text === '' || text === '0';
}

/** What a committed change means to a watch that sees a selection of the objects. */
export function selectEvent(event: StoreEvent, selection: Selection): WatchEvent | undefined {
  const object = event.object as AnyObject;
  const previous = event.previous as AnyObject | undefined;
  if (selection.isEverything) return { type: event.type, object };
  const was = previous !== undefined && selection.matches(previous);
  if (event.type === 'DELETED') return was ? { type: 'DELETED', object } : undefined;
  const is = selection.matches(object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object };
  if (!was) return undefined;
  // The last state that matched, at the revision of the change that ended it.
  const metadata = { ...previous.metadata, resourceVersion: String(event.revision) };
  return { type: 'DELETED', object: { ...previous, metadata } };
}

/** One running watch. */
class ObjectWatch implements Watch {
  private readonly context: RegistryContext;
  private readonly request: WatchRequest;
  private readonly selection: Selection;
  private readonly timers: CancelTimer[] = [];
  private source: Watch | undefined;
  private isClosed = false;
  /** The revision up to which everything was delivered. */
  private delivered = 0;
  /** The store's revision at the last bookmark: long delivered by the next one. */
  private current = 0;

  constructor(context: RegistryContext, request: WatchRequest) {
    this.context = context;
    this.request = request;
    this.selection = compileSelection(request.collection.kind.definition, request.query);
  }

  async start(): Promise<void> {
    const { query } = this.request;
    assertWatchVersions(query);
    const { sendInitialEvents = isUnset(query.resourceVersion) } = query;
    const wanted = await this.assertReached();
    this.delivered = sendInitialEvents
      ? await this.sendInitialEvents()
      : (wanted ?? (await this.context.store.revision()));
    this.follow();
  }

  close(): void {
    this.isClosed = true;
    this.source?.close();
    for (const cancel of this.timers.splice(0)) cancel();
  }

  private async assertReached(): Promise<number | undefined> {
    const { resourceVersion } = this.request.query;
    if (isUnset(resourceVersion)) return undefined;
    const wanted = parseRevision(resourceVersion) ?? 0;
    const current = await this.context.store.revision();
    if (wanted > current) throw tooLarge(wanted, current);
    return wanted;
  }

  private async sendInitialEvents(): Promise<number> {
    const { collection, query } = this.request;
    const { labelSelector, fieldSelector } = query;
    const list = await listObjects(this.context, collection, { labelSelector, fieldSelector });
    for (const object of list.items) this.emit({ type: 'ADDED', object });
    const revision = Number(list.metadata.resourceVersion);
    if (query.sendInitialEvents === true) this.bookmark(revision, { [initialEventsEnd]: 'true' });
    return revision;
  }

  private follow(): void {
    if (this.isClosed) return;
    const { query, collection } = this.request;
    this.source = this.context.store.watch(
      { prefix: collectionPrefix(collection), after: this.delivered },
      {
        onEvent: (event) => this.pass(event),
        onEnd: (reason) => this.end(reason),
      },
    );
    if (query.allowWatchBookmarks === true) this.scheduleBookmark();
    if (query.timeoutSeconds !== undefined && query.timeoutSeconds > 0) {
      const cancel = this.context.clock.setTimer(query.timeoutSeconds * 1000, () => {
        if (!this.isClosed) this.bookmark(this.delivered);
        this.end(undefined);
      });
      this.timers.push(cancel);
    }
  }

  private pass(event: StoreEvent): void {
    this.delivered = event.revision;
    const selected = selectEvent(event, this.selection);
    if (selected === undefined) return;
    const object = presented(this.request.collection, selected.object);
    this.emit({ type: selected.type, object });
  }

  private emit(event: WatchEvent): void {
    if (!this.isClosed) this.request.listener.onEvent(event);
  }

  private end(reason: Error | undefined): void {
    if (this.isClosed) return;
    this.close();
    this.request.listener.onEnd(reason);
  }

  private bookmark(revision: number, annotations?: Record<string, string>): void {
    if (this.request.query.allowWatchBookmarks !== true) return;
    const { definition } = this.request.collection.kind;
    const metadata = {
      resourceVersion: String(revision),
      ...(annotations === undefined ? {} : { annotations }),
    };
    const object = { kind: definition.kind, apiVersion: apiVersionOf(definition), metadata };
    // A bookmark has no name: its metadata is only a version.
    this.emit({ type: 'BOOKMARK', object: object as unknown as AnyObject });
  }

  private scheduleBookmark(): void {
    const cancel = this.context.clock.setTimer(bookmarkPeriodMs, () => {
      this.timers.splice(this.timers.indexOf(cancel), 1);
      void this.nextBookmark();
    });
    this.timers.push(cancel);
  }

  private async nextBookmark(): Promise<void> {
    this.bookmark(Math.max(this.delivered, this.current));
    try {
      this.current = await this.context.store.revision();
    } catch (error) {
      this.end(error as Error);
      return;
    }
    if (!this.isClosed) this.scheduleBookmark();
  }
}

/**
 * Starts a watch; the listener may be called before the promise resolves.
 * @throws ApiError `BadRequest`, `Invalid` (options), `Expired` (the revision is out of the window), `Timeout`.
 */
export async function watchObjects(
  context: RegistryContext,
  request: WatchRequest,
): Promise<Watch> {
  const watch = new ObjectWatch(context, request);
  await watch.start();
  return watch;
}
